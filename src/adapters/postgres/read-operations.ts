import type pg from 'pg';
import type {
  AuditEntry,
  DeadLetterCount,
  DeadLetterSample,
  OperationsReads,
  SourceItem,
  Switches,
} from '../../api/ports.js';
import { query } from './pool.js';

const PAYLOAD_SHOWN = 2000;

/** What the API reads of Tocsin's own workings. */
export function postgresOperationsReads(pool: pg.Pool, shadowWhy: string | null): OperationsReads {
  return {
    deadLetters: () => deadLetters(pool),
    deadLetterSamples: (feed, limit) => samples(pool, feed, limit),
    sources: () => sources(pool),
    switches: () => switches(pool, shadowWhy),
    audit: (limit, before) => audit(pool, limit, before),
  };
}

async function deadLetters(pool: pg.Pool): Promise<DeadLetterCount[]> {
  const { rows } = await query<Omit<DeadLetterCount, 'lastAt'> & { lastAt: Date }>(
    pool,
    `select n.feed, n.source, n.reason, sum(n.count)::bigint "count", max(n.last_at) "lastAt",
       (select d.detail from dead_letters d where d.feed = n.feed and d.reason = n.reason
        order by d.id desc limit 1) "lastDetail"
     from dead_letter_counts n group by n.feed, n.source, n.reason
     order by max(n.last_at) desc, n.feed, n.reason limit 500`,
  );
  return rows.map((row) => ({ ...row, lastAt: row.lastAt.toISOString() }));
}

async function samples(pool: pg.Pool, feed: string, limit: number): Promise<DeadLetterSample[]> {
  const { rows } = await query<{
    id: number;
    feed: string;
    source: string;
    reason: string;
    detail: string;
    payload: Buffer;
    received_at: Date;
  }>(
    pool,
    `select id, feed, source, reason, detail, payload, received_at from dead_letters
     where feed = $1 order by id desc limit $2`,
    [feed, limit],
  );
  return rows.map(({ id, payload, received_at, ...rest }) => ({
    ...rest,
    id: String(id),
    payload: payload
      .subarray(0, PAYLOAD_SHOWN * 4)
      .toString('utf8')
      .slice(0, PAYLOAD_SHOWN),
    at: received_at.toISOString(),
  }));
}

async function sources(pool: pg.Pool): Promise<SourceItem[]> {
  const { rows } = await query<{ source: string; updated_at: Date }>(
    pool,
    'select source, updated_at from source_positions order by source limit 500',
  );
  return rows.map((row) => ({ source: row.source, updatedAt: row.updated_at.toISOString() }));
}

interface SwitchValue {
  readonly on?: boolean;
  readonly by?: string;
  readonly why?: string;
}

async function switches(pool: pg.Pool, shadowWhy: string | null): Promise<Switches> {
  const { rows } = await query<{ key: string; value: boolean | SwitchValue; updated_at: Date }>(
    pool,
    "select key, value, updated_at from settings where key in ('killSwitch', 'shadow')",
  );
  const kill = rows.find((row) => row.key === 'killSwitch');
  const value: SwitchValue =
    typeof kill?.value === 'boolean' ? { on: kill.value } : (kill?.value ?? {});
  const shadow = rows.find((row) => row.key === 'shadow')?.value;
  const isSwitched = shadow === true || (typeof shadow === 'object' && shadow.on === true);
  const why = shadowWhy ?? (isSwitched ? 'switched on in the settings' : null);
  return {
    killSwitch: {
      on: value.on === true,
      since: kill?.updated_at.toISOString() ?? null,
      by: value.by ?? null,
      why: value.why ?? null,
    },
    shadow: why !== null,
    shadowWhy: why,
  };
}

async function audit(pool: pg.Pool, limit: number, before?: string): Promise<AuditEntry[]> {
  const { rows } = await query<{
    id: number;
    at: Date;
    actor: string;
    action: string;
    target: string | null;
    why: string;
  }>(
    pool,
    `select id, at, actor, action, target, why from audit_log
     where $2::bigint is null or id < $2 order by id desc limit $1`,
    [limit, before ?? null],
  );
  return rows.map((row) => ({ ...row, id: String(row.id), at: row.at.toISOString() }));
}
