import type pg from 'pg';
import type { RecurringAsked, RecurringItem, RecurringPage } from '../../api/ports.js';
import { withTransaction } from './pool.js';
import { recurringStatement } from './recurring-sql.js';

const DAY_MS = 86_400_000;

interface Row extends Omit<RecurringItem, 'why' | 'mostly' | 'lastAt' | 'isRunning'> {
  readonly total: number;
  readonly isRunning: boolean;
  readonly lastAt: Date;
  readonly mostly: readonly [string | null, string | null];
}

/** Cells, sites, towns or causes with several incidents or a long one, most user-minutes first. */
export async function readRecurring(
  pool: pg.Pool,
  asked: RecurringAsked,
  nowMs: number,
): Promise<RecurringPage> {
  const { by, days, incidents, hours, limit } = asked;
  const since = new Date(nowMs - days * DAY_MS);
  const rows = await withTransaction(pool, async (client) => {
    await client.query("set local work_mem = '128MB'; set local jit = off");
    const values = [since, new Date(nowMs), incidents, hours, limit];
    return (await client.query<Row>(recurringStatement(by), values)).rows;
  });
  return {
    since: since.toISOString(),
    total: rows[0]?.total ?? 0,
    items: rows.map((row) => itemOf(row, asked)),
  };
}

function itemOf(row: Row, { by, incidents, hours }: RecurringAsked): RecurringItem {
  const isRepeated = row.incidents >= incidents;
  const isLasting = row.longestMinutes >= hours * 60;
  const [kind, id] = row.mostly;
  return {
    id: by === 'cause' ? (id ?? '') : row.id,
    name: row.name,
    site: row.site,
    why: isRepeated && isLasting ? 'both' : isRepeated ? 'repeated' : 'lasting',
    incidents: row.incidents,
    cells: row.cells,
    userMinutes: row.userMinutes,
    lostMinutes: row.lostMinutes,
    longestMinutes: row.longestMinutes,
    degree: row.degree,
    isRunning: row.isRunning,
    lastAt: row.isRunning ? null : row.lastAt.toISOString(),
    lastIncidentId: row.lastIncidentId,
    mostly: { kind: kind ?? 'unknown', id: id ?? '' },
  };
}
