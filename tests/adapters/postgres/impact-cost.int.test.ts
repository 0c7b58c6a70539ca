import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresImpactStore } from '../../../src/adapters/postgres/impact-store.js';
import { withTransaction } from '../../../src/adapters/postgres/pool.js';
import type { ImpactSummary } from '../../../src/domain/customer.js';
import type { Incident } from '../../../src/domain/incident.js';
import {
  impactRules,
  incident,
  insertNetwork,
  insertSubscribers,
  MINUTE,
  resolved,
  saveIncident,
  T0,
} from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

const store = new PostgresImpactStore(impactRules);
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  await insertNetwork(database.pool, 3);
  const usual = { 'S1-1': 1 };
  await insertSubscribers(database.pool, [
    { id: 1, usual },
    { id: 2, usual, segment: 'business' },
    { id: 3, usual: { 'S2-1': 1 }, segment: 'business' },
    { id: 4, usual, kind: 'dataOnly' },
    { id: 5, usual, kind: 'machine' },
    { id: 6, usual: { 'S3-1': 1 }, kind: 'emergency' },
  ]);
});
afterAll(() => database.close());

/** As a decision does: stores the incident, maps it, stores what came of it. */
function map(doc: Incident, nowMs: number): Promise<ImpactSummary> {
  return withTransaction(database.pool, async (client) => {
    await saveIncident(client, doc);
    const summary = await store.map(client, doc, nowMs);
    await client.query('update incidents set impact = $2 where incident_id = $1', [
      doc.id,
      summary,
    ]);
    return summary;
  });
}

describe('cost from the counts of a mapping', () => {
  const doc = incident(['S1-1', 'S2-1']);
  let first: ImpactSummary;

  it('has people who left the incident in what was lost, and only phones in emergency calling', async () => {
    first = await map(doc, T0);
    expect(first.cost?.emergency.people).toBeGreaterThan(0);
    expect(first.cost?.emergency.people).toBeLessThanOrEqual(3);
    const shrunk = await map(incident(['S1-1'], { revision: 2 }), T0 + 10 * MINUTE);
    const business = shrunk.cost?.segments.find(({ segment }) => segment === 'business');
    expect(business?.subscribers).toBe(1);
    const was = first.cost?.segments.find(({ segment }) => segment === 'business');
    const perPerson = (was?.lossPerMinute ?? 0) / 2;
    expect(business?.userMinutes.soFar).toBeCloseTo(2 * 15 * perPerson, 2);
    expect(shrunk.cost?.lossPerMinute).toBeCloseTo(3 * perPerson, 4);
  });

  it('counts no emergency service at a healthy cell, and puts one first once it is without', async () => {
    expect(first.rankParts.emergencyServices).toBe(0);
    const wider = await map(incident(['S1-1', 'S3-1'], { revision: 3 }), T0 + 11 * MINUTE);
    expect(wider.cost?.emergency.services).toBe(1);
    expect(wider.rankScore).toBeGreaterThan(impactRules.rank.emergencyServices);
  });

  it('keeps clocks that started and what was worst when it is over, and the history slim', async () => {
    const [before] =
      (await map(incident(['S1-1', 'S3-1'], { revision: 4 }), T0 + 20 * MINUTE)).clocks?.filter(
        ({ id }) => id === 'fr-emergency-calls',
      ) ?? [];
    expect(before?.startedAt).toBe(new Date(T0).toISOString());
    const over = await map(resolved(incident([], { revision: 5 })), T0 + 31 * MINUTE);
    expect(over.clocks).toContainEqual(before);
    expect(over.cost).toMatchObject({ basis: 'over', lossPerMinute: 0 });
    expect(over.cost?.emergency).toMatchObject({ services: 0, mostServices: 1, isLost: true });
    const { rows } = await database.pool.query<{ keys: number }>(
      `select count(*) keys from impact_history where summary ?| array['cost', 'clocks']`,
    );
    expect(Number(rows[0]?.keys)).toBe(0);
  });
});
