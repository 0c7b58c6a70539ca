import { expect } from 'vitest';
import { KpiHistory } from '../../src/adapters/postgres/kpi-history.js';
import { telemetryStream } from '../../src/runtime/ports.js';
import type { Chain } from './chain.js';
import { PERIOD_SECONDS } from './chain-config.js';
import {
  affected,
  callsOf,
  flagged,
  incidents,
  numbersIn,
  type StoredIncident,
  taken,
} from './outcome.js';
import type { Person } from './small-world.js';

const TOLD_FROM = 0.5;
/** Where probabilities may differ: kept in four bytes, and sightings age while the test runs. */
const NEAR = 0.02;
const SURELY_LISTED = 0.2;
const NEVER_LISTED = 0.05;
/** messages that may be under way at once, hence of unknown fate after a kill */
const UNDER_WAY = 64;

/** The one incident there is. */
export async function onlyIncident({ database }: Chain): Promise<StoredIncident> {
  const [found, ...others] = await incidents(database.pool);
  expect(others).toEqual([]);
  expect(found).toBeDefined();
  return found as StoredIncident;
}

function sorted(people: readonly Person[]): string[] {
  return people.map(({ number }) => number).sort();
}

/** The people as they should stand with an open incident. */
async function peopleOf(chain: Chain): Promise<Person[]> {
  const { incident } = await onlyIncident(chain);
  const sinceMs = Math.min(...incident.cells.map(({ since }) => Date.parse(since)));
  return chain.world.people(sinceMs, Date.now());
}

/** The incident is over the cells behind the fibre, by its cause, on every alarm. */
export async function checkIncident(chain: Chain): Promise<void> {
  const { world, operator } = chain;
  const { incident } = await onlyIncident(chain);
  expect(incident.cause).toMatchObject({ kind: 'transport', id: world.fibre.id });
  expect(incident.cells.map(({ cellId }) => cellId).sort()).toEqual(
    world.lost.map((cell) => world.cellId(cell)).sort(),
  );
  expect(incident.alarmIds).toEqual(operator.raised.map(({ alarmId }) => alarmId).sort());
}

/** Those affected are listed with their probability, and counted. */
export async function checkAffected(chain: Chain): Promise<void> {
  const { incident, impact } = await onlyIncident(chain);
  const people = await peopleOf(chain);
  const listed = await affected(chain.database.pool, incident.id);
  const byNumber = new Map(people.map((person) => [person.number, person]));
  for (const { number, probability } of people) {
    if (probability >= SURELY_LISTED) {
      expect(Math.abs((listed.get(number) ?? 0) - probability)).toBeLessThan(NEAR);
    }
    if (probability < NEVER_LISTED) expect(listed.has(number)).toBe(false);
  }
  const machines = [...listed].filter(([number]) => byNumber.get(number)?.kind === 'machine');
  expect(impact).toMatchObject({
    subscribers: listed.size - machines.length,
    machines: machines.length,
  });
  const certainty = (entries: Iterable<readonly [string, number]>): number =>
    [...entries].reduce((sum, [, probability]) => sum + probability, 0);
  expect(impact?.expected).toBeCloseTo(certainty(listed) - certainty(machines), 1);
}

/** CRM flags are exactly those of the subscribers above the policy's probability. */
export async function checkFlags(chain: Chain): Promise<void> {
  const { incident } = await onlyIncident(chain);
  const due = (await peopleOf(chain)).filter(
    ({ probability, kind }) => probability >= TOLD_FROM && kind !== 'machine',
  );
  expect(await flagged(chain.database.pool, incident.id)).toEqual(sorted(due));
  expect(await flagged(chain.database.pool)).toHaveLength(due.length);
}

/**
 * Everybody due an onset has got exactly one by the gateway's own log, and nobody else any. With
 * `kills` while they were sent, those under way may be listed as of unknown fate: they have got none.
 */
export async function checkOnsets(chain: Chain, kills: number): Promise<void> {
  const { database, gateway, world } = chain;
  const { onset, restored, unknown } = await taken(database.pool, gateway.sent());
  expect({ restored, unknown }).toEqual({ restored: [], unknown: [] });
  const due = (await peopleOf(chain)).filter(
    ({ probability, kind, isOptedOut }) =>
      probability >= TOLD_FROM && kind === 'person' && !isOptedOut,
  );
  const uncertain = await numbersIn(database.pool, world, 'onset', 'uncertain');
  expect(uncertain.length).toBeLessThanOrEqual(kills * UNDER_WAY);
  expect(onset.length).toBeGreaterThan(uncertain.length);
  expect([...onset, ...uncertain].sort()).toEqual(sorted(due));
}

/** "Restored" went out once to each of those who had been told. */
export async function checkRestored(chain: Chain, kills: number): Promise<void> {
  const { database, gateway, world } = chain;
  const { onset, restored, unknown } = await taken(database.pool, gateway.sent());
  expect(unknown).toEqual([]);
  expect(new Set(onset).size).toBe(onset.length);
  const uncertain = await numbersIn(database.pool, world, 'restored', 'uncertain');
  expect(uncertain.length).toBeLessThanOrEqual(kills * UNDER_WAY);
  expect(restored.length).toBeGreaterThan(uncertain.length);
  expect([...restored, ...uncertain].sort()).toEqual(onset);
  expect(await flagged(database.pool)).toEqual([]);
}

/** Calls that came in while the service ran are stored as they were counted. */
export async function checkCalls({ database, world }: Chain): Promise<void> {
  const stored = await callsOf(database.pool, world.newCalls[0]?.start ?? '');
  const sent = world.newCalls.map(({ queue, start, offered }) => ({ queue, start, offered }));
  const order = (a: { start: string; queue: string }, b: { start: string; queue: string }) =>
    a.start < b.start || (a.start === b.start && a.queue < b.queue) ? -1 : 1;
  expect(stored.sort(order)).toEqual(sent.sort(order));
}

/** Every period that cells reported through Kafka and that has been released is on record. */
export async function checkTelemetry({ database, world, operator }: Chain): Promise<void> {
  const { rows } = await database.pool.query<{ tick: number }>(
    'select min(tick_ms) as tick from shard_watermarks where shard <> $1',
    [telemetryStream(0)],
  );
  const releasedMs = Number(rows[0]?.tick) - 15_000;
  const periods = operator.periods.filter((ms) => ms + PERIOD_SECONDS * 1000 <= releasedMs);
  expect(periods.length).toBeGreaterThan(0);
  const history = new KpiHistory(database.pool);
  for (const { cellId, site } of world.world.network.cells) {
    if (site === operator.pushedSite) continue;
    const series = await history.read({
      objectType: 'cell',
      objectId: cellId,
      fromMs: periods[0] ?? 0,
      toMs: releasedMs,
    });
    const reported = series
      .find(({ kpi }) => kpi === 'availabilityRatio')
      ?.points.filter(({ value }) => value !== null)
      .map(({ t }) => t);
    expect(reported).toEqual(expect.arrayContaining(periods));
  }
}
