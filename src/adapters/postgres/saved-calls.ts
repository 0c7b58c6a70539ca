import type pg from 'pg';
import type { CallInterval } from '../../domain/facts.js';
import type { SingleCall } from '../../domain/single-call.js';
import type { CountedCalls, ReplacedCalls } from '../../runtime/decisions/ports.js';
import { MERGED_CALLS } from './decision-sql.js';
import { COUNT_SINGLE_CALLS } from './single-calls-sql.js';

interface MergedCall {
  queue: string;
  area: string;
  starts_at: Date;
  interval_seconds: number;
  /** null: gone, since a longer total holds it */
  offered: number | null;
  old_offered: number | null;
  abandoned: number | null;
  old_abandoned: number | null;
  handle_seconds: number | null;
}

interface CountedRow extends MergedCall {
  /** why calls were left out, then `calls` is how many; null for calls that were counted */
  reason: string | null;
  calls: number | null;
}

/** Stores call counts; a later report of an interval replaces the earlier one. */
export async function saveCalls(
  client: pg.ClientBase,
  calls: readonly CallInterval[],
): Promise<ReplacedCalls> {
  const { rows } = await client.query<MergedCall>(MERGED_CALLS, [JSON.stringify(calls)]);
  const added: CallInterval[] = [];
  const replaced: CallInterval[] = [];
  for (const row of rows) {
    if (row.old_offered === row.offered) continue;
    if (row.offered !== null) added.push(asInterval(row, row.offered, row.abandoned));
    if (row.old_offered !== null) {
      replaced.push(asInterval(row, row.old_offered, row.old_abandoned));
    }
  }
  return { added, replaced };
}

/** Adds single calls to the minutes of their queues; totals of the same time count in their place. */
export async function saveSingleCalls(
  client: pg.ClientBase,
  calls: readonly SingleCall[],
): Promise<CountedCalls> {
  const { rows } = await client.query<CountedRow>(COUNT_SINGLE_CALLS, [JSON.stringify(calls)]);
  return {
    added: rows.flatMap((row) =>
      row.offered === null ? [] : [asInterval(row, row.offered, row.abandoned)],
    ),
    leftOut: rows.flatMap(({ queue, reason, calls }) =>
      reason === null ? [] : [{ queue, reason, calls: calls ?? 0 }],
    ),
  };
}

function asInterval(row: MergedCall, offered: number, abandoned: number | null): CallInterval {
  return {
    queue: row.queue,
    area: row.area,
    start: row.starts_at.toISOString(),
    intervalSeconds: row.interval_seconds,
    offered,
    ...(abandoned === null ? {} : { abandoned }),
    ...(row.handle_seconds === null ? {} : { handleSeconds: row.handle_seconds }),
  };
}
