import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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
  await insertNetwork(database.pool, 4);
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query(
    `truncate subscribers, subscriber_identifiers, usual_cells, last_seen, incident_subscribers,
       incident_cells, incident_sites, incident_catching, impact_counts, impact_state, impact_history, neighbours, incidents`,
  );
});

function map(doc: Incident, nowMs: number): Promise<ImpactSummary> {
  return withTransaction(database.pool, async (client) => {
    await saveIncident(client, doc);
    return store.map(client, doc, nowMs);
  });
}

interface Row {
  subscriber_id: number;
  probability: number;
  service: string;
  reachable: boolean;
  affected_from: Date;
  affected_to: Date | null;
}

async function rows(): Promise<Map<number, Row>> {
  const found = await database.pool.query<Row>('select * from incident_subscribers');
  return new Map(found.rows.map((row) => [row.subscriber_id, row]));
}

const site1 = ['S1-1', 'S1-2', 'S1-3'];

describe('impact mapping', () => {
  it('holds someone last seen at a dead cell to be there still, however long ago it died', async () => {
    await insertSubscribers(database.pool, [
      { id: 1, seen: { cell: 'S1-1', atMs: T0 - 6 * MINUTE } },
    ]);
    await map(incident(site1), T0 + 600 * MINUTE);
    expect((await rows()).get(1)?.probability).toBeGreaterThan(0.95);
  });

  it('counts machines apart, people by segment, and leaves out the erased', async () => {
    const usual = { 'S1-1': 1 };
    await insertSubscribers(database.pool, [
      { id: 1, usual },
      { id: 2, usual, segment: 'business' },
      { id: 3, usual, kind: 'machine' },
      { id: 4, usual, kind: 'fleet', segment: 'business' },
      { id: 5, usual },
    ]);
    await database.pool.query('update subscribers set erased_at = now() where subscriber_id = 5');
    const summary = await map(incident(site1), T0);
    expect(summary).toMatchObject({
      subscribers: 3,
      machines: 1,
      bySegment: { consumer: 1, business: 2 },
    });
    expect(summary.expected).toBeCloseTo(3, 6);
    expect(summary.userMinutes).toBeCloseTo(15, 4);
  });

  it('follows the cells by difference and keeps since when', async () => {
    await insertSubscribers(database.pool, [
      { id: 1, usual: { 'S1-1': 1 } },
      { id: 2, usual: { 'S2-1': 1 } },
    ]);
    await map(incident(['S1-1']), T0);
    const grown = incident(['S1-1', 'S2-1'], { revision: 2 });
    await map(grown, T0 + MINUTE);
    const shrunk = incident(['S2-1'], { revision: 3 });
    const summary = await map(shrunk, T0 + 2 * MINUTE);
    const found = await rows();
    expect(found.get(1)).toMatchObject({ affected_to: new Date(T0 + 2 * MINUTE) });
    expect(found.get(1)?.affected_from).toEqual(new Date(T0 - 5 * MINUTE));
    expect(found.get(2)?.affected_to).toBeNull();
    expect(summary.subscribers).toBe(1);
    expect(summary.userMinutes).toBeCloseTo(7 + 7, 3);
  });

  it('changes nothing when the same mapping is made again', async () => {
    await insertSubscribers(database.pool, [{ id: 1, usual: { 'S1-1': 0.8 } }]);
    const first = await map(incident(site1), T0);
    const before = await rows();
    await database.pool.query(
      'truncate impact_state, impact_counts, incident_cells, incident_subscribers',
    );
    expect(await map(incident(site1), T0)).toEqual(first);
    expect(await rows()).toEqual(before);
  });

  it('carries user-minutes forward between mappings as a new mapping would count them', async () => {
    await insertSubscribers(database.pool, [{ id: 1, usual: { 'S1-1': 0.8 } }]);
    await map(incident(site1), T0);
    const carried = await map(incident(site1), T0 + 2 * MINUTE);
    await database.pool.query(`update impact_state set cells_key = ''`);
    const counted = await map(incident(site1), T0 + 2 * MINUTE);
    expect(carried.userMinutes).toBeCloseTo(counted.userMinutes, 3);
    expect(counted.userMinutes).toBeCloseTo(0.8 * 7, 3);
  });

  it('ends everybody when the incident is over, and then counts all who were affected', async () => {
    await insertSubscribers(database.pool, [
      { id: 1, usual: { 'S1-1': 1 } },
      { id: 2, usual: { 'S1-2': 1 } },
    ]);
    await map(incident(site1), T0);
    const over = await map(resolved(incident(site1)), T0 + 40 * MINUTE);
    expect(over.subscribers).toBe(2);
    expect(over.userMinutes).toBeCloseTo(2 * 35, 2);
    expect(over.rankParts.toCome).toBe(0);
    expect([...(await rows()).values()].every((row) => row.affected_to !== null)).toBe(true);
  });

  it('lets healthy neighbours turn an outage into a degraded service within reach', async () => {
    await insertSubscribers(database.pool, [
      { id: 1, usual: { 'S1-1': 1 } },
      { id: 2, usual: { 'S1-2': 1 } },
    ]);
    await database.pool.query(
      `insert into neighbours (cell_id, neighbour_id, weight)
       select 'S1-1', 'S' || s || '-1', 1 from generate_series(2, 4) s
       union all select 'S1-2', 'S1-3', 1`,
    );
    await map(incident(site1), T0);
    const found = await rows();
    expect(found.get(1)).toMatchObject({ service: 'degraded', reachable: true });
    expect(found.get(2)).toMatchObject({ service: 'none', reachable: false });
  });
});
