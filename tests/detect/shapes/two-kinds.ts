import type { LaneSpec } from '../../../src/domain/lane.js';
import { dayShape } from '../kinds.js';
import { HOUR_MS, laneOf, normalOf, type PeriodReports, randomOf } from '../world.js';

/** Hours of a day off are quiet in offices and busy at home. */
export const LANE: LaneSpec = laneOf({
  users: {
    kind: 'count',
    unit: 'users',
    range: [0, 1e5],
    bad: 'low',
    traffic: true,
    role: 'traffic',
  },
  setup: { kind: 'ratio', unit: 'ratio', range: [0, 1], bad: 'low' },
});

/** Even cells are offices, odd ones homes. */
export function usualUsers(cell: number, startMs: number): number {
  const hour = (startMs / HOUR_MS) % 24;
  const isOff = (Math.floor(startMs / (24 * HOUR_MS)) + 3) % 7 >= 5;
  if (cell % 2 === 0) return 60 * dayShape(startMs) * (isOff ? 0.7 : 1);
  return 50 * (1 + 0.8 * Math.sin(((hour - 15) / 24) * 2 * Math.PI)) * (isOff ? 1.15 : 1);
}

export interface Newcomers {
  readonly cells: number;
  /** cells from this number on come late */
  readonly newFrom: number;
  /** hour of their first report */
  readonly atHour: number;
  /** share of the users lost, by cell and hour */
  readonly lost?: (cell: number, hour: number) => number;
}

/** Reports of an hour; the same cell scatters the same whoever else is there. */
export function reportsOf(world: Newcomers): (hour: number, startMs: number) => PeriodReports {
  const randoms = Array.from({ length: world.cells }, (_, cell) => randomOf(100 + cell));
  return (hour, startMs) => {
    const reports: PeriodReports = {};
    for (const [cell, random] of randoms.entries()) {
      const noise = Math.exp(0.1 * normalOf(random));
      const failed = 0.01 * (1 + 0.2 * normalOf(random));
      if (cell >= world.newFrom && hour < world.atHour) continue;
      const left = 1 - (world.lost?.(cell, hour) ?? 0);
      reports[`cell-${String(cell).padStart(2, '0')}`] = {
        users: usualUsers(cell, startMs) * (0.5 + cell / world.cells) * noise * left,
        setup: [1 - failed, 800],
      };
    }
    return reports;
  };
}
