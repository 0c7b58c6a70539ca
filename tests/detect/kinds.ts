import type { KpiDefinition } from '../../src/domain/kpi.js';
import { HOUR_MS, normalOf, type Report } from './world.js';

/** A kind of KPI with an honest day, for the battery every kind has to pass. */
export interface KindOfKpi {
  readonly name: string;
  readonly definition: KpiDefinition;
  /** an ordinary reading; @param scale of the cell, about 1 */
  readonly ordinary: (startMs: number, random: () => number, scale: number) => Report[string];
  /** the same with a share of the service lost */
  readonly lose: (reading: Report[string], share: number) => Report[string];
}

const KPI = 'kpi';

/** Traffic over a day: least at 4, most at 16 o'clock; less on days off. */
export function dayShape(startMs: number): number {
  const hour = (startMs / HOUR_MS) % 24;
  const weekday = (Math.floor(startMs / (24 * HOUR_MS)) + 3) % 7;
  return (1 + 0.7 * Math.sin(((hour - 10) / 24) * 2 * Math.PI)) * (weekday >= 5 ? 0.7 : 1);
}

const numberIn = (reading: Report[string]): number =>
  typeof reading === 'number' ? reading : reading[0];

function binomial(n: number, p: number, random: () => number): number {
  const draw = Math.round(n * p + Math.sqrt(n * p * (1 - p)) * normalOf(random));
  return Math.min(n, Math.max(0, draw));
}

export const KINDS: readonly KindOfKpi[] = [
  {
    name: 'a ratio with attempts',
    definition: { kind: 'ratio', unit: 'ratio', range: [0, 1], bad: 'low' },
    ordinary: (startMs, random, scale) => {
      const attempts = Math.round(2000 * scale * dayShape(startMs));
      return [binomial(attempts, 0.99, random) / attempts, attempts];
    },
    lose: (reading, share) => [
      numberIn(reading) * (1 - share),
      typeof reading === 'number' ? 0 : reading[1],
    ],
  },
  {
    name: 'a ratio without attempts, bad when high',
    definition: { kind: 'ratio', unit: 'ratio', range: [0, 1], bad: 'high' },
    ordinary: (_, random) => Math.max(0, 0.01 + 0.002 * normalOf(random)),
    lose: (reading, share) => numberIn(reading) + (1 - numberIn(reading)) * share,
  },
  {
    name: 'a gauge of throughput',
    definition: { kind: 'gauge', unit: 'Mbit/s', range: [0, 1000], bad: 'low' },
    ordinary: (startMs, random, scale) =>
      (30 * scale * Math.exp(0.12 * normalOf(random))) / Math.sqrt(dayShape(startMs)),
    lose: (reading, share) => numberIn(reading) * (1 - share),
  },
  {
    name: 'a gauge without range, bad both ways',
    definition: { kind: 'gauge', unit: 'dBm', bad: 'both' },
    ordinary: (startMs, random) => -95 + 3 * dayShape(startMs) + 0.7 * normalOf(random),
    lose: (reading, share) => numberIn(reading) * (1 - share),
  },
  {
    name: 'a gauge of delay, bad when high',
    definition: { kind: 'gauge', unit: 'ms', range: [0, 60_000], bad: 'high' },
    ordinary: (_, random) => 20 * Math.exp(0.1 * normalOf(random)),
    lose: (reading, share) => numberIn(reading) / Math.max(0.01, 1 - share),
  },
  {
    name: 'a count of users',
    definition: {
      kind: 'count',
      unit: 'users',
      range: [0, 100_000],
      bad: 'low',
      traffic: true,
      role: 'traffic',
    },
    ordinary: (startMs, random, scale) =>
      40 * scale * dayShape(startMs) * Math.exp(0.12 * normalOf(random)),
    lose: (reading, share) => numberIn(reading) * (1 - share),
  },
  {
    name: 'availability',
    definition: { kind: 'gauge', unit: 'ratio', range: [0, 1], bad: 'low', role: 'availability' },
    ordinary: () => 1,
    lose: (reading, share) => numberIn(reading) * (1 - share),
  },
];

/** The one KPI of the battery's lanes. */
export const KPI_NAME = KPI;
