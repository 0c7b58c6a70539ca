import { existsSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import ajvFormats from 'ajv-formats';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTicketSystem, type TicketSystemSimulator } from '../../simulators/trouble-tickets.js';
import { Tmf621Client } from '../../src/adapters/crm/tmf621-client.js';
import {
  PostgresIncidentTickets,
  ticketsOf,
} from '../../src/adapters/postgres/incident-tickets.js';
import type { Ticket } from '../../src/domain/ticket.js';
import { wallClock } from '../../src/runtime/clock.js';
import { Health } from '../../src/runtime/health.js';
import { createLog } from '../../src/runtime/log.js';
import { TicketSync } from '../../src/runtime/ticket-sync.js';
import { OutboxWorld } from '../adapters/postgres/outbox-world.js';
import {
  incident,
  insertNetwork,
  insertSubscribers,
  MINUTE,
  resolved,
  T0,
} from '../services/customers.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';
import { hasData } from '../services/shared-data.js';

const SPEC = new URL(
  '../../../shared/specs/TMF621-TroubleTicket-v4.0.0.swagger.json',
  import.meta.url,
);
let database: TestDatabase;
let world: OutboxWorld;
let system: TicketSystemSimulator;
let client: Tmf621Client;
let said: Ticket[];

beforeAll(async () => {
  database = await testDatabase();
  world = new OutboxWorld(database.pool);
  await insertNetwork(database.pool, 2);
});
afterAll(() => database.close());
beforeEach(async () => {
  said = [];
  await world.reset();
  await database.pool.query('truncate incident_tickets');
  await insertSubscribers(
    database.pool,
    [1, 2, 3].map((id) => ({ id, usual: { 'S1-1': 1 } })),
  );
  system = await startTicketSystem({ seed: 3 });
  client = new Tmf621Client({ kind: 'tmf621', name: 'tickets', url: system.url }, 2_000);
  return async () => {
    await client.close();
    await system.stop();
  };
});

function sync(): TicketSync {
  return new TicketSync({
    store: new PostgresIncidentTickets(database.pool),
    system: client,
    accept: async (tickets) => void said.push(...tickets),
    network: { now: () => T0 },
    health: new Health(wallClock, wallClock),
    log: createLog('silent'),
    isLeading: () => true,
  });
}

/** Turns until one goes through. */
async function work(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) {
    try {
      await sync().turn();
      return;
    } catch {
      // cut off: the next turn goes on
    }
  }
  throw new Error('no turn went through');
}

const estimate = new Date(T0 + 90 * MINUTE).toISOString();
const later = new Date(T0 + 150 * MINUTE).toISOString();

describe('tickets of incidents', () => {
  it('are opened with the rank of the impact as priority, kept, and resolved when it is over', async () => {
    await world.decide({ ...incident(['S1-1']), estimatedRepairAt: estimate });
    const second = { id: 'inc_2', lineageId: 'lin_2' };
    await world.decide(incident(['S2-1'], second));
    await work();
    expect(system.tickets()).toMatchObject([
      {
        externalId: 'inc_1',
        priority: '1',
        status: 'inProgress',
        expectedResolutionDate: estimate,
      },
      { externalId: 'inc_2', priority: '2' },
    ]);
    expect(await ticketsOf(database.pool, 'inc_1')).toEqual([
      { system: 'tickets', ticketId: 'TT1' },
    ]);
    await work();
    expect(system.requests()).toHaveLength(2);
    await world.decide(resolved(incident(['S1-1'])), T0 + 31 * MINUTE);
    await work();
    await work();
    expect(system.tickets()).toMatchObject([
      { status: 'resolved', resolutionDate: expect.any(String) },
      { priority: '1', status: 'inProgress' },
    ]);
    // one change each: resolved, and moved up
    expect(system.requests().map(({ method }) => method)).toEqual([
      'POST',
      'POST',
      'PATCH',
      'PATCH',
    ]);
  });

  it('give their repair time back when somebody else has set it, once, and keep it', async () => {
    await world.decide({ ...incident(['S1-1']), estimatedRepairAt: estimate });
    await work();
    expect(said).toEqual([]);
    system.edit('TT1', { expectedResolutionDate: later });
    await work();
    await work();
    expect(said).toMatchObject([{ ticketId: 'TT1', incidentId: 'inc_1', repairAt: later }]);
    const moved = new Date(T0 + 100 * MINUTE).toISOString();
    await world.decide({ ...incident(['S1-1'], { revision: 2 }), estimatedRepairAt: moved });
    await work();
    expect(system.tickets()[0]).toMatchObject({ expectedResolutionDate: later });
  });

  it.each([true, false])(
    'are one an incident through lost answers; lists filtered: %s',
    async (filters) => {
      Object.assign(system.faults, { dropBeforeRate: 0.3, dropAfterRate: 0.4, filters });
      await world.decide(incident(['S1-1']));
      await world.decide(incident(['S2-1'], { id: 'inc_2', lineageId: 'lin_2' }));
      for (let round = 0; round < 5; round++) await work();
      await world.decide(resolved(incident(['S1-1'])), T0 + 31 * MINUTE);
      await work();
      expect(
        system
          .tickets()
          .map(({ externalId, status }) => [externalId, status])
          .sort(),
      ).toEqual([
        ['inc_1', 'resolved'],
        ['inc_2', 'inProgress'],
      ]);
    },
  );

  it('is away when it cannot be reached', async () => {
    const nobody = new Tmf621Client({ kind: 'tmf621', name: 't', url: 'http://127.0.0.1:1' }, 500);
    await expect(nobody.check()).rejects.toMatchObject({ code: 'unavailable.crm' });
    await nobody.close();
    await expect(client.check()).resolves.toBeUndefined();
  });
});

describe.skipIf(!hasData(SPEC))('requests to a TMF621 system', () => {
  it('fit the published definition of what is created and what is changed', async () => {
    const spec: unknown = existsSync(SPEC) ? JSON.parse(readFileSync(SPEC, 'utf8')) : {};
    const ajv = new Ajv({ strict: false });
    ajvFormats.default(ajv);
    ajv.addSchema(spec as object, 'tmf621');
    const checks = {
      POST: ajv.getSchema('tmf621#/definitions/TroubleTicket_Create'),
      PATCH: ajv.getSchema('tmf621#/definitions/TroubleTicket_Update'),
    };
    await world.decide({ ...incident(['S1-1']), estimatedRepairAt: estimate });
    await work();
    await world.decide(resolved(incident(['S1-1'])), T0 + 31 * MINUTE);
    await work();
    expect(system.requests().map(({ method }) => method)).toEqual(['POST', 'PATCH']);
    for (const { method, body } of system.requests()) {
      const check = checks[method as 'POST' | 'PATCH'];
      expect(check?.(body), JSON.stringify(check?.errors)).toBe(true);
      const { definitions } = spec as { definitions: Record<string, { properties: object }> };
      const kind = method === 'POST' ? 'TroubleTicket_Create' : 'TroubleTicket_Update';
      expect(Object.keys(definitions[kind]?.properties ?? {})).toEqual(
        expect.arrayContaining(Object.keys(body)),
      );
    }
  });
});
