import type { ProfileName } from '../world/types.js';
import { type DayKind, QUARTERS } from './calendar.js';

type Hours = readonly number[];

/** Demand at the middle of each hour, 1 in the busiest hour of a weekday. */
const HOURLY: Readonly<Record<ProfileName, Readonly<Record<DayKind, Hours>>>> = {
  residential: {
    weekday: [
      0.24, 0.16, 0.12, 0.1, 0.11, 0.17, 0.33, 0.52, 0.6, 0.58, 0.6, 0.66, 0.74, 0.68, 0.62, 0.64,
      0.72, 0.82, 0.9, 0.96, 1, 0.96, 0.74, 0.44,
    ],
    saturday: [
      0.3, 0.21, 0.15, 0.12, 0.11, 0.13, 0.21, 0.34, 0.5, 0.64, 0.74, 0.8, 0.82, 0.78, 0.76, 0.76,
      0.78, 0.82, 0.88, 0.92, 0.94, 0.9, 0.74, 0.5,
    ],
    sunday: [
      0.34, 0.24, 0.17, 0.13, 0.11, 0.12, 0.17, 0.27, 0.42, 0.57, 0.68, 0.75, 0.8, 0.77, 0.74, 0.75,
      0.78, 0.82, 0.88, 0.95, 0.98, 0.88, 0.62, 0.36,
    ],
  },
  business: {
    weekday: [
      0.07, 0.05, 0.04, 0.04, 0.05, 0.1, 0.26, 0.58, 0.86, 0.96, 1, 0.98, 0.88, 0.9, 0.97, 0.96,
      0.92, 0.8, 0.55, 0.37, 0.28, 0.22, 0.16, 0.1,
    ],
    saturday: [
      0.08, 0.06, 0.05, 0.04, 0.04, 0.06, 0.1, 0.18, 0.3, 0.42, 0.5, 0.52, 0.46, 0.46, 0.5, 0.5,
      0.46, 0.4, 0.33, 0.28, 0.24, 0.2, 0.16, 0.11,
    ],
    sunday: [
      0.08, 0.06, 0.04, 0.04, 0.04, 0.05, 0.07, 0.1, 0.15, 0.2, 0.24, 0.26, 0.25, 0.24, 0.24, 0.24,
      0.24, 0.24, 0.23, 0.22, 0.2, 0.16, 0.12, 0.09,
    ],
  },
  leisure: {
    weekday: [
      0.22, 0.13, 0.08, 0.06, 0.06, 0.08, 0.16, 0.3, 0.42, 0.5, 0.58, 0.68, 0.8, 0.74, 0.66, 0.68,
      0.76, 0.86, 0.94, 1, 0.98, 0.86, 0.64, 0.4,
    ],
    saturday: [
      0.36, 0.26, 0.18, 0.1, 0.07, 0.08, 0.13, 0.24, 0.42, 0.62, 0.82, 0.96, 1.04, 1, 1.02, 1.06,
      1.1, 1.12, 1.14, 1.16, 1.12, 1.02, 0.84, 0.6,
    ],
    sunday: [
      0.42, 0.3, 0.2, 0.12, 0.08, 0.08, 0.11, 0.18, 0.32, 0.52, 0.74, 0.9, 1, 0.98, 0.98, 1, 0.98,
      0.92, 0.84, 0.76, 0.66, 0.52, 0.38, 0.25,
    ],
  },
  road: {
    weekday: [
      0.08, 0.05, 0.04, 0.05, 0.1, 0.26, 0.6, 0.98, 0.92, 0.64, 0.58, 0.62, 0.7, 0.64, 0.62, 0.7,
      0.9, 1, 0.88, 0.58, 0.38, 0.28, 0.2, 0.13,
    ],
    saturday: [
      0.11, 0.08, 0.06, 0.06, 0.07, 0.12, 0.22, 0.36, 0.52, 0.68, 0.76, 0.76, 0.7, 0.68, 0.7, 0.72,
      0.74, 0.74, 0.66, 0.5, 0.4, 0.32, 0.26, 0.19,
    ],
    sunday: [
      0.13, 0.09, 0.06, 0.05, 0.05, 0.07, 0.12, 0.2, 0.32, 0.46, 0.58, 0.62, 0.6, 0.58, 0.62, 0.7,
      0.78, 0.82, 0.78, 0.62, 0.44, 0.3, 0.2, 0.13,
    ],
  },
};

function interpolate(hours: Hours): Float64Array {
  return Float64Array.from({ length: QUARTERS }, (_, quarter) => {
    const at = (quarter + 0.5) / 4 - 0.5 + 24;
    const before = hours[Math.floor(at) % 24] ?? 0;
    const after = hours[(Math.floor(at) + 1) % 24] ?? 0;
    return before + (after - before) * (at - Math.floor(at));
  });
}

/** Demand by quarter of the local day, 1 in the busiest hour of a weekday. */
export const PROFILES: Readonly<Record<ProfileName, Readonly<Record<DayKind, Float64Array>>>> =
  Object.fromEntries(
    Object.entries(HOURLY).map(([name, days]) => [
      name,
      Object.fromEntries(Object.entries(days).map(([day, hours]) => [day, interpolate(hours)])),
    ]),
  ) as Record<ProfileName, Record<DayKind, Float64Array>>;

/** Street-level small cells carry nobody from 23:00 to 05:45. */
export function isSmallCellAsleep(quarter: number): boolean {
  return quarter >= 92 || quarter < 23;
}
