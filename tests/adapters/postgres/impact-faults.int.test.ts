import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { copyRows } from '../../../src/adapters/postgres/import-rows.js';
import { withTransaction } from '../../../src/adapters/postgres/pool.js';
import { PostgresPresenceWriter } from '../../../src/adapters/postgres/presence-writer.js';
import {
  impactRules,
  incident,
  insertNetwork,
  insertSubscribers,
  MINUTE,
  SECRET,
  saveIncident,
  T0,
} from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';
import { OutboxWorld } from './outbox-world.js';

let database: TestDatabase;
let world: OutboxWorld;

beforeAll(async () => {
  database = await testDatabase();
  world = new OutboxWorld(database.pool);
});
afterAll(() => database.close());
beforeEach(async () => {
  await world.reset();
  await database.pool.query(
    'truncate sites, cells, neighbours, incident_sites, incident_catching, import_versions',
  );
  await insertNetwork(database.pool, 3);
  await insertSubscribers(
    database.pool,
    [1, 2, 3].map((id) => ({ id, usual: { [`S${id}-1`]: 0.9 } })),
  );
});

async function current(): Promise<number[]> {
  const { rows } = await database.pool.query<{ subscriber_id: number }>(
    'select subscriber_id from incident_subscribers where affected_to is null order by 1',
  );
  return rows.map((row) => row.subscriber_id);
}

describe('an incident', () => {
  it('at a cell that nobody knows lists whom its other cells concern', async () => {
    await world.decide(incident(['S1-1', 'nowhere']));
    expect(await current()).toEqual([1]);
  });

  it('keeps its people when a cell leaves the inventory, until it gives the cell up', async () => {
    await world.decide(incident(['S1-1', 'S2-1']));
    const cells = ['S1', 'S3'].flatMap((site) =>
      [1, 2, 3].map((n) => ({ cell_id: `${site}-${n}`, site_id: site })),
    );
    await copyRows(database.pool, 'cells', cells, {
      phoneSecret: SECRET,
      isComplete: true,
      validFromMs: T0,
    });
    await world.decide(incident(['S1-1', 'S2-1', 'S3-1'], { revision: 2 }), T0 + MINUTE);
    expect(await current()).toEqual([1, 2, 3]);
    await world.decide(incident(['S1-1', 'S3-1'], { revision: 3 }), T0 + 2 * MINUTE);
    expect(await current()).toEqual([1, 3]);
  });

  it('follows a cell that moves to another site', async () => {
    await insertSubscribers(database.pool, [{ id: 9, homeSite: 'S3' }]);
    const exposure = async (): Promise<number> => {
      const { rows } = await database.pool.query<{ probability: number }>(
        `select probability from incident_sites where site_id = 'S3'`,
      );
      return rows[0]?.probability ?? 0;
    };
    const cells = ['S1-1', 'S1-2', 'S1-3'];
    await world.decide(incident(cells));
    const before = await exposure();
    await copyRows(
      database.pool,
      'cells',
      cells.map((cell_id) => ({ cell_id, site_id: 'S3' })),
      { phoneSecret: SECRET, validFromMs: T0 },
    );
    await world.decide(incident(cells), T0 + 60 * MINUTE);
    expect(await exposure()).toBeGreaterThan(before + 0.1);
    expect(await current()).toEqual([1, 9]);
  });

  it('means for places what it would mean had it begun with the cells that it has now', async () => {
    await database.pool.query(
      `insert into neighbours (cell_id, neighbour_id, weight)
       values ('S1-1', 'S2-1', 0.6), ('S2-1', 'S3-1', 0.4), ('S3-1', 'S1-1', 0.5)`,
    );
    const places = async () =>
      (
        await database.pool.query(
          `select site_id, round(probability::numeric, 3) as p, round(dark::numeric, 3) as dark,
             round(voice::numeric, 3) as voice, round(data::numeric, 3) as data,
             round(sms::numeric, 3) as sms from incident_sites order by 1`,
        )
      ).rows;
    await world.decide(incident(['S1-1', 'S2-1', 'S2-2']));
    await world.decide(incident(['S1-1', 'S2-1', 'S3-1'], { revision: 2 }));
    await world.decide(incident(['S2-1', 'S3-1'], { revision: 3 }));
    const changed = await places();
    await world.reset();
    await database.pool.query('truncate incident_sites, incident_catching');
    await world.decide(incident(['S2-1', 'S3-1']));
    expect(changed).toEqual(await places());
  });

  it('leaves nothing half written when the decision is given up', async () => {
    const given = withTransaction(database.pool, async (client) => {
      await saveIncident(client, incident(['S1-1']));
      await world.impact.map(client, incident(['S1-1']), T0);
      throw new Error('given up');
    });
    await expect(given).rejects.toThrow('given up');
    for (const table of ['incidents', 'incident_subscribers', 'impact_counts', 'impact_state']) {
      const { rowCount } = await database.pool.query(`select from ${table}`);
      expect(rowCount, table).toBe(0);
    }
    await world.decide(incident(['S1-1']));
    expect(await current()).toEqual([1]);
  });
});

describe('a sighting', () => {
  it('of an unknown cell becomes known once the cell is imported', async () => {
    const writer = new PostgresPresenceWriter(database.pool, impactRules, SECRET);
    const time = new Date(T0).toISOString();
    const sighting = { subscriber: '208010000000001', cell: 'new', time };
    expect(await writer.apply([sighting], T0)).toMatchObject({ unknownCell: 1, applied: 0 });
    const cell = [{ cell_id: 'new', site_id: 'S1' }];
    await copyRows(database.pool, 'cells', cell, { phoneSecret: SECRET, validFromMs: T0 });
    expect(await writer.apply([sighting], T0)).toMatchObject({ unknownCell: 0, applied: 1 });
  });

  it('is refused once its cell has left the inventory', async () => {
    const writer = new PostgresPresenceWriter(database.pool, impactRules, SECRET);
    const at = (minute: number) => new Date(T0 + minute * MINUTE).toISOString();
    const sighting = { subscriber: '208010000000001', cell: 'S2-1' };
    expect(await writer.apply([{ ...sighting, time: at(0) }], T0)).toMatchObject({ applied: 1 });
    const left = [{ cell_id: 'S1-1', site_id: 'S1' }];
    const options = { phoneSecret: SECRET, isComplete: true, validFromMs: T0 };
    await copyRows(database.pool, 'cells', left, options);
    const counts = await writer.apply([{ ...sighting, time: at(1) }], T0 + MINUTE);
    expect(counts).toMatchObject({ applied: 0, unknownCell: 1 });
  });
});
