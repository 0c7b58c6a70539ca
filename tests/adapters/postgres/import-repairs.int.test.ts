import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ImportKindName } from '../../../src/adapters/postgres/import-kinds.js';
import { copyRows } from '../../../src/adapters/postgres/import-rows.js';
import { PostgresJournal } from '../../../src/adapters/postgres/journal.js';
import { loadPastIncidents } from '../../../src/adapters/postgres/past-incidents.js';
import type { Fact } from '../../../src/domain/facts.js';
import { CONTROL_STREAM } from '../../../src/runtime/ports.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

const NOW_MS = Date.UTC(2024, 0, 15, 12);
const NOW = new Date(NOW_MS).toISOString();

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.close());

type Records = Parameters<typeof copyRows>[2];
const rejects: string[] = [];

function importing(kind: ImportKindName, rows: Records, atMs = NOW_MS) {
  rejects.length = 0;
  return copyRows(database.pool, kind, rows, {
    phoneSecret: 'test secret',
    validFromMs: atMs,
    onReject: ({ line, reason }) => void rejects.push(`${line}: ${reason}`),
  });
}

/** What decisions have been told so far. */
async function told(): Promise<readonly Fact[]> {
  const entries = await new PostgresJournal(database.pool).read(CONTROL_STREAM, -1, 100);
  return entries.map(({ fact }) => fact);
}

describe('imported tickets', () => {
  const T1 = { ticket_id: 'T1', resource_id: 'S1', opened_at: '2024-01-15T08:00:00Z' };
  const repair = { expected_repair_at: '2024-01-15T14:00:00Z' };

  test('reach the decisions through the journal, what has changed and no more', async () => {
    const rows = [
      { ...T1, ...repair, said_by: 'field team', said_at: '2024-01-15T09:00:00Z' },
      { ...T1, ticket_id: 'T2', ...repair, said_by: '', said_at: '' },
    ];
    expect(await importing('tickets', rows)).toMatchObject({ inserted: 2, updated: 0 });
    const common = { resourceId: 'S1', repairAt: '2024-01-15T14:00:00.000Z', state: 'open' };
    expect(await told()).toEqual([
      {
        kind: 'tickets',
        items: [
          { ticketId: 'T2', ...common, saidAt: '2024-01-15T08:00:00.000Z' },
          { ticketId: 'T1', ...common, saidBy: 'field team', saidAt: '2024-01-15T09:00:00.000Z' },
        ],
      },
    ]);
    expect(await importing('tickets', rows)).toMatchObject({ unchanged: 2, inserted: 0 });
    expect(await told()).toHaveLength(1);
    const put = rows
      .map((row) => ({ ...row, expected_repair_at: '2024-01-15T16:00:00Z' }))
      .slice(1);
    expect(await importing('tickets', put)).toMatchObject({ updated: 1, inserted: 0 });
    expect((await told()).at(-1)).toMatchObject({
      items: [{ ticketId: 'T2', repairAt: '2024-01-15T16:00:00.000Z', saidAt: NOW }],
    });
  });

  test('are closed by the time at which they were, and long closed ones told to nobody', async () => {
    await importing('tickets', [
      { ...T1, closed_at: '2024-01-15T10:00:00Z', state: '' },
      { ...T1, ticket_id: 'T2', closed_at: '', state: 'withdrawn' },
      {
        ticket_id: 'T3',
        resource_id: 'S1',
        opened_at: '2023-01-01',
        closed_at: '2023-01-02',
        state: 'closed',
      },
    ]);
    expect(await told()).toMatchObject([
      {
        items: [
          { ticketId: 'T2', state: 'withdrawn', saidAt: '2024-01-15T08:00:00.000Z' },
          { ticketId: 'T1', state: 'closed', saidAt: '2024-01-15T10:00:00.000Z' },
        ],
      },
    ]);
  });

  test('that name nothing, or nothing that is there, are refused with the reason', async () => {
    await importing('sites', [{ site_id: 'S1', lat: 48, lon: -3 }]);
    const row = { ...T1, resource_type: '', incident_id: '', state: '' };
    await importing('tickets', [
      row,
      { ...row, ticket_id: 'T2', resource_id: 'S9' },
      { ...row, ticket_id: 'T3', resource_id: '' },
      { ...row, ticket_id: 'T4', resource_id: '', incident_id: 'inc_1' },
      { ...row, ticket_id: 'T5', resource_id: 'S1/120', resource_type: 'sector' },
      { ...row, ticket_id: 'T6', state: 'lost' },
    ]);
    expect(rejects.sort()).toEqual([
      '2: resource_id "S9" is no cell, site, link or function of the inventory',
      '3: resource_id and incident_id are empty',
      '6: state was "lost", allowed: open, closed, withdrawn',
    ]);
    expect(await told()).toMatchObject([
      { items: [{ ticketId: 'T1' }, { ticketId: 'T4' }, { ticketId: 'T5' }] },
    ]);
  });
});

describe('imported past incidents', () => {
  const one = {
    id: 'I1',
    cause_kind: 'site',
    cells: 3,
    started_at: '2024-01-10T08:00:00Z',
    ended_after: '',
    ended_at: '2024-01-10T10:00:00Z',
  };

  test('reach the decisions through the journal, censored while they are open', async () => {
    const rows = [
      one,
      { ...one, id: 'I2', ended_after: '2024-01-10T09:30:00Z' },
      { ...one, id: 'I3', cause_kind: '', cells: '', ended_at: '' },
    ];
    expect(await importing('incidents', rows)).toMatchObject({ inserted: 3 });
    const started = { startedAt: '2024-01-10T08:00:00.000Z' };
    const ended = { ...started, causeKind: 'site', cells: 3, endedBy: '2024-01-10T10:00:00.000Z' };
    expect(await told()).toEqual([
      {
        kind: 'pastIncidents',
        items: [
          { id: 'I1', ...ended, lastedUntil: '2024-01-10T10:00:00.000Z' },
          { id: 'I2', ...ended, lastedUntil: '2024-01-10T09:30:00.000Z' },
          { id: 'I3', ...started, lastedUntil: NOW, endedBy: null },
        ],
      },
    ]);
  });

  test('say how many were affected and called, for the forecast', async () => {
    const rows = [
      { ...one, service: 'degraded', affected: '12000', calls: '640' },
      { ...one, id: 'I2', service: '', affected: '', calls: '' },
      { ...one, id: 'I3', service: 'none', affected: '0', calls: '5' },
    ];
    expect(await importing('incidents', rows)).toMatchObject({ inserted: 2, rejected: 1 });
    expect(rejects).toEqual([expect.stringMatching(/affected was .*0/)]);
    expect(await loadPastIncidents(database.pool)).toMatchObject([
      { id: 'I1', service: 'degraded', affected: 12_000, calls: 640 },
    ]);
  });

  test('update in place, and open ones have lasted longer each time', async () => {
    const open = { ...one, id: 'I2', ended_at: '' };
    await importing('incidents', [one, open]);
    expect(await importing('incidents', [one, open])).toMatchObject({ unchanged: 2 });
    const later = NOW_MS + 3_600_000;
    expect(await importing('incidents', [one, open], later)).toMatchObject({
      unchanged: 1,
      updated: 1,
    });
    expect((await told()).at(-1)).toMatchObject({
      items: [{ id: 'I2', lastedUntil: new Date(later).toISOString(), endedBy: null }],
    });
  });

  test('that cannot be are refused with the reason', async () => {
    const wrong = [
      { ended_at: one.started_at },
      { started_at: '2024-01-16', ended_at: '' },
      { ended_after: '2024-01-10T11:00:00Z' },
      { ended_after: '2024-01-10T07:00:00Z' },
      { cells: 0 },
      { cells: 2.5 },
      { started_at: 'yesterday' },
    ];
    await importing('incidents', [
      one,
      ...wrong.map((more, i) => ({ ...one, id: `W${i}`, ...more })),
    ]);
    expect(rejects).toEqual([
      '2: ended_at is not after started_at',
      `3: started_at is after the import, ${NOW}`,
      '4: ended_after is after ended_at',
      '5: ended_after is before started_at',
      '6: cells was "0", allowed: a number from 1 to 10000000',
      '7: cells was 2.5, allowed: a whole number',
      '8: started_at was "yesterday", allowed: a time such as 2024-05-31T14:00:00Z',
    ]);
    expect(await told()).toHaveLength(1);
  });

  test('of which none can be taken leave nothing behind', async () => {
    await expect(importing('incidents', [{ ...one, cells: 0 }])).rejects.toThrow('none of 1 rows');
    expect(await told()).toEqual([]);
  });
});
