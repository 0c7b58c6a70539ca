import { describe, expect, it } from 'vitest';
import { createCorrelate } from '../../src/correlate/correlate.js';
import { tailNats } from '../../src/correlate/customers/tail-nats.js';
import type { Alarm } from '../../src/domain/alarm.js';
import type { DetectEvent } from '../../src/domain/anomaly.js';
import type { CountInterval } from '../../src/domain/count-interval.js';
import type { OperatorAct } from '../../src/domain/facts.js';
import type { Incident, IncidentChange } from '../../src/domain/incident.js';
import type { TopologyRows } from '../../src/domain/topology-rows.js';
import { complaints, DAY, DAY_ONE, type Extra, FROM, INTERVAL, NOON } from './complaints.js';
import { alarm, LANE, loadRules, network, observed, raised } from './small-network.js';

const rows = network({ aggregations: 2, fibresPerAggregation: 2, sitesPerFibre: 3 });
const SITES = rows.sites.map(({ siteId }) => siteId);

const knownMs = (each: CountInterval): number => Date.parse(each.start) + INTERVAL * 1000;

interface Story {
  readonly rows?: TopologyRows;
  readonly areas?: readonly string[];
  readonly extras: readonly Extra[];
  readonly alarms?: readonly Alarm[];
  readonly events?: readonly DetectEvent[];
  readonly acts?: (soFar: ReadonlyMap<string, Incident>, nowMs: number) => OperatorAct[];
  readonly toMs?: number;
  readonly isRestarted?: boolean;
  /** counts of one interval are handed over in another order, and one by one */
  readonly isShuffled?: boolean;
}

const warm = new Map<string, Uint8Array>();

/** What is known after three ordinary weeks; the same for stories that begin alike. */
function warmState(inventory: TopologyRows, counts: readonly CountInterval[], key: string) {
  const known = warm.get(key);
  if (known !== undefined) return known;
  const stage = createCorrelate(inventory, loadRules(), [LANE]);
  stage.detected(observed(inventory, FROM));
  stage.counts(counts.filter((each) => knownMs(each) <= DAY_ONE));
  stage.advance(DAY_ONE);
  warm.set(key, stage.snapshot());
  return stage.snapshot();
}

/** Everything said from the day on which something happens. */
function tell(story: Story): { changes: IncidentChange[]; incidents: Incident[] } {
  const inventory = story.rows ?? rows;
  const make = () => createCorrelate(inventory, loadRules(), [LANE]);
  let stage = make();
  const toMs = story.toMs ?? DAY_ONE + DAY;
  const counts = complaints(story.areas ?? SITES, story.extras, toMs);
  const early = story.extras.filter(({ fromMs }) => fromMs < DAY_ONE);
  stage.restore(warmState(inventory, counts, JSON.stringify([inventory, story.areas, early])));
  const byTick = new Map<number, CountInterval[]>();
  for (const each of counts) {
    const tickMs = Math.ceil(knownMs(each) / 300_000) * 300_000;
    const list = byTick.get(tickMs);
    if (list === undefined) byTick.set(tickMs, [each]);
    else list.push(each);
  }
  const latest = new Map<string, Incident>();
  const changes: IncidentChange[] = [];
  for (let nowMs = DAY_ONE; nowMs < toMs; nowMs += 300_000) {
    const untilMs = nowMs + 300_000;
    const isNow = (atMs: number): boolean => atMs > nowMs && atMs <= untilMs;
    const due = byTick.get(untilMs) ?? [];
    if (story.isShuffled) for (const each of [...due].reverse()) stage.counts([each]);
    else stage.counts(due);
    stage.alarms((story.alarms ?? []).filter((each) => isNow(Date.parse(each.alarmRaisedTime))));
    stage.detected((story.events ?? []).filter(({ atMs }) => isNow(atMs)));
    stage.acts(story.acts?.(latest, untilMs) ?? []);
    const said = stage.advance(untilMs).changes;
    changes.push(...said);
    for (const { incident } of said) latest.set(incident.id, incident);
    if (!story.isRestarted) continue;
    const state = stage.snapshot();
    stage = make();
    stage.restore(state);
  }
  return { changes, incidents: [...latest.values()] };
}

const rise = (areas: readonly string[], hours = 3, count = 12): Extra => ({
  areas,
  fromMs: NOON,
  toMs: NOON + hours * 3_600_000,
  count,
});

describe('the tail of a negative binomial', () => {
  it('is that of Poisson where counts vary by chance alone', () => {
    // P(Y >= 5 | mean 1) = 0.0036598468 (Poisson tables)
    expect(tailNats(5, 1, 1e-7)).toBeCloseTo(-Math.log(0.0036598468), 4);
  });

  it('is the sum of its terms', () => {
    // size 2, mean 3: P(k) = (k + 1) * 0.4^2 * 0.6^k, so P(Y >= 4) = 1 - sum of the first four
    const below = [0, 1, 2, 3].reduce((sum, k) => sum + (k + 1) * 0.16 * 0.6 ** k, 0);
    expect(tailNats(4, 3, 0.5)).toBeCloseTo(-Math.log(1 - below), 8);
  });

  it('is nothing up to the mean, and grows with every count beyond', () => {
    expect(tailNats(3, 3, 0.1)).toBe(0);
    for (let count = 4; count < 40; count++)
      expect(tailNats(count + 1, 3, 0.1)).toBeGreaterThan(tailNats(count, 3, 0.1));
    expect(tailNats(40_000, 25_000, 0.01)).toBeGreaterThan(tailNats(30_000, 25_000, 0.01));
  });
});

describe('customers who say so', () => {
  it('are an incident that is suspected, where they are, and over when they do no more than usual', () => {
    const { incidents, changes } = tell({ extras: [rise(['S4'])] });
    expect(incidents).toHaveLength(1);
    const first = changes[0]?.incident;
    expect(first).toMatchObject({
      state: 'suspected',
      detectedAt: null,
      sites: ['S4'],
      severity: 'minor',
      cause: { kind: 'area', id: 'S4', probability: 0 },
    });
    expect(first?.explanation).toMatch(
      /^Customers say so: \d+ complaints within \d+ min, [\d.]+ are usual in S4, since 2026-01-26/,
    );
    expect(first?.cells.map(({ cellId }) => cellId)).toEqual(['S4-0', 'S4-1', 'S4-2']);
    expect(new Set(changes.map(({ incident }) => incident.state))).toEqual(
      new Set(['suspected', 'closed']),
    );
    const suspectedMs = Date.parse(changes[0]?.events[0]?.at ?? '');
    expect(suspectedMs - NOON).toBeLessThanOrEqual((INTERVAL + 300) * 1000);
    const endedMs = Date.parse(incidents[0]?.endedAt ?? '');
    expect(endedMs).toBeGreaterThan(NOON + 3 * 3_600_000);
    expect(endedMs).toBeLessThan(NOON + 6 * 3_600_000);
  });

  it('are one incident at what their areas share', () => {
    const { incidents } = tell({ extras: [rise(['S0', 'S1', 'S2'], 3, 7)] });
    expect(incidents).toHaveLength(1);
    expect(incidents[0]?.cause.id).toBe('S0, S1, S2, which share transport line F0-0');
    expect(incidents[0]?.sites).toEqual(['S0', 'S1', 'S2']);
  });

  it('are heard by the town that sites are named after', () => {
    const named = {
      ...rows,
      sites: rows.sites.map((site, n) => ({
        ...site,
        name: `${n < 6 ? 'Brest' : 'Pont-Aven'} ${n}`,
      })),
    };
    const areas = ['Brest', 'PONT AVEN', 'Nowhere'];
    const { incidents } = tell({ rows: named, areas, extras: [rise(['PONT AVEN'], 3, 25)] });
    expect(incidents.map(({ sites }) => sites)).toEqual([['S10', 'S11', 'S6', 'S7', 'S8', 'S9']]);
    const lost = tell({ rows: named, areas, extras: [rise(['Nowhere'], 3, 25)] });
    expect(lost.incidents.map(({ sites, cause }) => [sites, cause.id])).toEqual([[[], 'Nowhere']]);
  });

  it('are none when everybody everywhere does more, but one at what all share', () => {
    const { incidents } = tell({ extras: [rise(SITES, 3, 6)] });
    expect(incidents).toHaveLength(1);
    expect(incidents[0]?.sites).toHaveLength(12);
  });

  it('are none on ordinary days, nor for a few more, nor in the weeks that are only learnt', () => {
    expect(tell({ extras: [], toMs: DAY_ONE + 3 * DAY }).incidents).toEqual([]);
    expect(tell({ extras: [rise(['S4'], 3, 1)] }).incidents).toEqual([]);
    const early = { areas: ['S4'], fromMs: FROM + 9 * DAY, toMs: FROM + 9.2 * DAY, count: 20 };
    expect(tell({ extras: [early] }).incidents).toEqual([]);
  });

  it('do not teach what they say: a rise that lasts a day is seen to the end', () => {
    const { incidents } = tell({ extras: [rise(['S4'], 30)], toMs: DAY_ONE + 3 * DAY });
    expect(incidents).toHaveLength(1);
    expect(Date.parse(incidents[0]?.endedAt ?? '')).toBeGreaterThan(NOON + 30 * 3_600_000);
  });

  it('are no incident beside the one that explains them, which is told of it once', () => {
    const down = alarm('site', 'S4', NOON + 60_000);
    const { incidents, changes } = tell({ extras: [rise(['S4'])], alarms: [down] });
    expect(incidents.map(({ cause }) => cause.kind)).toEqual(['site']);
    const said = changes.flatMap(({ events }) => events.filter(({ kind }) => kind === 'customers'));
    expect(said).toHaveLength(1);
    expect(said[0]?.reason).toContain('customers say so too');
  });

  it('go on as the incident that the network shows later, under which their lineage is known', () => {
    const down = alarm('site', 'S4', NOON + 2 * 3_600_000);
    const { incidents } = tell({ extras: [rise(['S4'])], alarms: [down] });
    const said = incidents.find(({ cause }) => cause.kind === 'area');
    const shown = incidents.find(({ cause }) => cause.kind === 'site');
    expect(said).toMatchObject({ state: 'closed', mergedInto: shown?.id, detectedAt: null });
    expect(shown?.absorbedLineages).toEqual([said?.lineageId]);
    expect(shown?.startedAt).toBe(new Date(NOON + 2 * 3_600_000).toISOString());
  });

  it('are none at planned work', () => {
    const work = {
      workId: 'W',
      resourceId: 'S4',
      startsAtMs: NOON - 600_000,
      endsAtMs: NOON + 3_600_000,
    };
    const { incidents } = tell({ rows: { ...rows, works: [work] }, extras: [rise(['S4'])] });
    expect(incidents).toEqual([]);
  });

  it('stay none once a person says that it is no incident', () => {
    const acts = (soFar: ReadonlyMap<string, Incident>, nowMs: number): OperatorAct[] => {
      const open = [...soFar.values()].find(({ state }) => state === 'suspected');
      if (open === undefined) return [];
      const at = new Date(nowMs - 60_000).toISOString();
      const act = { actId: `a${nowMs}`, at, actor: 'Ana', why: 'a campaign', incidentId: open.id };
      return [{ ...act, action: 'notAnIncident' }];
    };
    const { incidents } = tell({ extras: [rise(['S4'])], acts });
    expect(incidents.map(({ state }) => state)).toEqual(['closed']);
  });

  it('witness that what fell silent is down, and no broken feed', () => {
    const silent = SITES.slice(4, 5).flatMap((site) => [0, 1, 2].map((k) => `${site}-${k}`));
    const events = silent.map((cell) => raised(cell, { kind: 'silence', startedAtMs: NOON }));
    const alone = tell({ extras: [], events });
    expect(alone.incidents.filter(({ detectedAt }) => detectedAt !== null)).toEqual([]);
    const called = tell({ extras: [rise(['S4'])], events });
    expect(
      called.incidents.map(({ sites, detectedAt }) => [sites, detectedAt !== null]),
    ).toContainEqual([['S4'], true]);
  });

  it('say the same whatever the order of arrival, and after a restart at every tick', () => {
    const down = alarm('site', 'S7', NOON + 5 * 3_600_000);
    const extras = [rise(['S4']), rise(['S7'], 6), rise(['S9', 'S10', 'S11'], 2, 9)];
    const once = tell({ extras, alarms: [down] });
    expect(once.incidents.length).toBeGreaterThan(2);
    expect(tell({ extras, alarms: [down], isShuffled: true })).toEqual(once);
    expect(tell({ extras, alarms: [down], isRestarted: true })).toEqual(once);
  });
});
