import { expect, it } from 'vitest';
import { type Correlation, createCorrelate } from '../../src/correlate/correlate.js';
import { AreaCounts } from '../../src/correlate/customers/area-counts.js';
import type { CountInterval } from '../../src/domain/count-interval.js';
import type { IncidentChange } from '../../src/domain/incident.js';
import { complaints, DAY, DAY_ONE, type Extra, FROM, INTERVAL, NOON } from './complaints.js';
import { LANE, loadRules, network, observed } from './small-network.js';

const rows = network({ aggregations: 2, fibresPerAggregation: 2, sitesPerFibre: 3 });
const SITES = rows.sites.map(({ siteId }) => siteId);
const HOUR = 3_600_000;
const RISE: Extra = { areas: [SITES[0] ?? ''], fromMs: NOON, toMs: NOON + 3 * HOUR, count: 12 };
const all = complaints(SITES, [RISE], DAY_ONE + DAY);
const startsIn = (fromMs: number, toMs: number, of: readonly CountInterval[] = all) =>
  of.filter(({ start }) => Date.parse(start) >= fromMs && Date.parse(start) < toMs);

/** Of one interval; stories ask for one after the other. */
const byStart = new Map<number, CountInterval[]>();
for (const each of all) {
  const startMs = Date.parse(each.start);
  byStart.set(startMs, [...(byStart.get(startMs) ?? []), each]);
}

function make(atMs: number): Correlation {
  const stage = createCorrelate(rows, loadRules(), [LANE]);
  stage.detected(observed(rows, atMs));
  stage.advance(atMs);
  return stage;
}

/** Hears of live counts tick by tick. @returns what was said */
function live(stage: Correlation, fromMs: number, toMs: number): IncidentChange[] {
  const said: IncidentChange[] = [];
  for (let nowMs = fromMs; nowMs < toMs; nowMs += INTERVAL * 1000) {
    stage.counts(byStart.get(nowMs) ?? []);
    said.push(...stage.advance(nowMs + INTERVAL * 1000 + 300_000).changes);
  }
  return said;
}

it('makes a rise count on the first live day, which without it is only learnt', () => {
  const knowing = make(DAY_ONE);
  knowing.pastCounts(startsIn(FROM, DAY_ONE));
  const said = live(knowing, DAY_ONE, NOON + 3 * HOUR);
  expect(said[0]?.incident).toMatchObject({ state: 'suspected' });
  expect(said[0]?.incident.explanation).toContain('complaints');
  expect(live(make(DAY_ONE), DAY_ONE, NOON + 3 * HOUR)).toEqual([]);
});

it('comes before what was heard live already', () => {
  const stage = make(DAY_ONE - 4 * DAY);
  expect(live(stage, DAY_ONE - 4 * DAY, DAY_ONE)).toEqual([]);
  stage.pastCounts(startsIn(FROM, DAY_ONE));
  expect(live(stage, DAY_ONE, NOON + 3 * HOUR)[0]?.incident.state).toBe('suspected');
});

it('changes nothing when it is told again, in whatever order', () => {
  const stage = make(DAY_ONE);
  stage.pastCounts(startsIn(FROM, DAY_ONE));
  const state = stage.snapshot();
  stage.pastCounts(startsIn(FROM, DAY_ONE).reverse());
  expect(stage.snapshot()).toEqual(state);
  const other = make(DAY_ONE);
  other.pastCounts(startsIn(FROM, DAY_ONE).reverse());
  expect(live(other, DAY_ONE, NOON)).toEqual(live(stage, DAY_ONE, NOON));
});

it('raises nothing for a rise that is past, and does not take it for usual', () => {
  const past = complaints(
    SITES,
    [{ ...RISE, fromMs: NOON - 2 * DAY, toMs: NOON - 2 * DAY + 5 * HOUR }],
    DAY_ONE,
  );
  const stage = make(DAY_ONE);
  stage.pastCounts(past);
  expect(stage.advance(DAY_ONE + HOUR).changes).toEqual([]);
  expect(live(stage, DAY_ONE, NOON + 3 * HOUR)[0]?.incident.state).toBe('suspected');
});

it('leaves expectations as near as those of counts heard in their order', () => {
  const learn = (counts: AreaCounts, fromMs: number, toMs: number): AreaCounts => {
    for (let startMs = fromMs; startMs < toMs; startMs += INTERVAL * 1000) {
      const own = byStart.get(startMs) ?? [];
      counts.begin(startMs, startMs, new Map(own.map(({ area, count }) => [area, count])));
      counts.learn(new Set());
    }
    return counts;
  };
  const series = (): AreaCounts => new AreaCounts('complaints', INTERVAL);
  const middle = FROM + 14 * DAY;
  const inOrder = learn(series(), FROM, DAY_ONE);
  const preceded = learn(series(), middle, DAY_ONE).after(learn(series(), FROM, middle));
  for (const hour of [3, 10, 15, 20]) {
    const [a, b] = [inOrder, preceded].map((counts) => {
      counts.begin(DAY_ONE + hour * HOUR, DAY_ONE + hour * HOUR, new Map());
      return counts.window(SITES, 1);
    });
    expect(Math.abs((b?.mean ?? 0) / (a?.mean ?? 1) - 1)).toBeLessThan(0.12);
    expect(b?.dispersion).toBeLessThan(2 * (a?.dispersion ?? 0));
  }
});
