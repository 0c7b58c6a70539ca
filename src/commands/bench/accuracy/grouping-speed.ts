import { median } from 'simple-statistics';
import { createCorrelate } from '../../../correlate/correlate.js';
import type { CorrelationRules } from '../../../correlate/rules.js';
import { TopologyView } from '../../../domain/topology.js';
import { rounded } from '../figures.js';
import { measure } from '../harness.js';
import { type GroupingWorld, groupingWorld } from './grouping/grouping-world.js';
import type { PartOptions, PartResult } from './part.js';
import { tableLines } from './table.js';
import { loadShippedRules } from './warm-world.js';

const CANDIDATES = 50_000;
const RUNS = 5;
const AT_MS = Date.parse('2026-03-02T12:00:00Z');
/** Alarms have been waited for, and every incident stands. */
const SETTLED_MS = AT_MS + 30_000;

/** One size in CPU seconds. */
interface Sized {
  readonly candidates: number;
  /** until all candidates are grouped for the first time */
  readonly seconds: number;
  /** until every incident is open: they are grouped anew as alarms are waited for */
  readonly settledSeconds: number;
  readonly incidents: number;
  readonly failures: number;
}

async function groupOnce(world: GroupingWorld, view: TopologyView, rules: CorrelationRules) {
  const correlate = createCorrelate(view, rules);
  correlate.detected(world.observed);
  correlate.advance(AT_MS - 3_000_000);
  const open = new Set<string>();
  const decide = (nowMs: number): number => {
    for (const { incident } of correlate.advance(nowMs).changes) {
      if (incident.state === 'open') open.add(incident.id);
      else open.delete(incident.id);
    }
    return open.size;
  };
  const first = await measure(() => {
    correlate.detected(world.anomalies);
    correlate.alarms(world.alarms);
    return decide(AT_MS);
  });
  const rest = await measure(() => decide(SETTLED_MS));
  const seconds = first.cpuSeconds;
  return { incidents: rest.work, seconds, settledSeconds: seconds + rest.cpuSeconds };
}

async function timeSize(candidates: number, rules: CorrelationRules): Promise<Sized> {
  const world = groupingWorld(candidates, AT_MS);
  const view = new TopologyView(world.rows);
  const runs: Awaited<ReturnType<typeof groupOnce>>[] = [];
  for (let run = 0; run < RUNS; run++) runs.push(await groupOnce(world, view, rules));
  return {
    candidates: world.anomalies.length + world.alarms.length,
    seconds: median(runs.map(({ seconds }) => seconds)),
    settledSeconds: median(runs.map(({ settledSeconds }) => settledSeconds)),
    incidents: runs[0]?.incidents ?? 0,
    failures: world.failures,
  };
}

/** Slope of log time over log size by least squares: 1 is linear, 2 is quadratic. */
export function growthExponent(sizes: readonly { candidates: number; seconds: number }[]): number {
  const points = sizes.map(({ candidates, seconds }) => [Math.log(candidates), Math.log(seconds)]);
  const mean = (at: number): number =>
    points.reduce((sum, point) => sum + (point[at] ?? 0), 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  let above = 0;
  let below = 0;
  for (const [px = 0, py = 0] of points) {
    above += (px - x) * (py - y);
    below += (px - x) ** 2;
  }
  return above / below;
}

/**
 * CPU seconds to group simultaneous candidates through correlate as it is, at n, 2n and 4n. The
 * baseline is what n log n would make of the time for n.
 */
export async function timeGrouping({ scale, progress }: PartOptions): Promise<PartResult> {
  const { correlation } = loadShippedRules();
  const sizes: Sized[] = [];
  for (const times of [1, 2, 4]) {
    sizes.push(await timeSize(Math.round(CANDIDATES * scale) * times, correlation));
    progress(`${sizes.at(-1)?.candidates} candidates`);
  }
  const [first] = sizes;
  const perUnit = first ? first.seconds / (first.candidates * Math.log(first.candidates)) : 0;
  const expected = sizes.map(({ candidates }) => perUnit * candidates * Math.log(candidates));
  const exponent = growthExponent(sizes);
  const linearithmic = growthExponent(
    sizes.map(({ candidates }, at) => ({ candidates, seconds: expected[at] ?? 1 })),
  );
  const last = sizes.at(-1);
  return {
    figures: {
      exponent: rounded(exponent, 3),
      sizes: sizes.map((size) => ({
        ...size,
        seconds: rounded(size.seconds, 3),
        settledSeconds: rounded(size.settledSeconds, 3),
      })),
    },
    baseline: {
      exponent: rounded(linearithmic, 3),
      seconds: expected.map((seconds) => rounded(seconds, 3)),
    },
    ratios: { nLogNToTime: rounded((expected.at(-1) ?? 0) / (last?.seconds ?? 1), 3) ?? 0 },
    lines: [
      ...tableLines(
        ['candidates', 'CPU s', 'n log n', 'settled s', 'incidents', 'failures'],
        sizes.map(({ candidates, seconds, settledSeconds, incidents, failures }, at) => [
          candidates,
          rounded(seconds, 3),
          rounded(expected[at] ?? null, 3),
          rounded(settledSeconds, 3),
          incidents,
          failures,
        ]),
      ),
      `grows with exponent ${exponent.toFixed(2)} (n log n: ${linearithmic.toFixed(2)})`,
    ],
  };
}
