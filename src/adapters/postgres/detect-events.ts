import type pg from 'pg';
import type { DetectEvent } from '../../domain/anomaly.js';
import type { DetectEvents, PlacedEvent } from '../../runtime/decisions/ports.js';
import { query, withTransaction } from './pool.js';

const READ_LIMIT = 50_000;

/** Detect's output in Postgres, keyed by shard and sequence: the seam between shards and leader. */
export class PostgresDetectEvents implements DetectEvents {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async append(
    shard: string,
    tickMs: number,
    firstSeq: number,
    events: readonly DetectEvent[],
  ): Promise<void> {
    await withTransaction(this.#pool, async (client) => {
      if (events.length > 0) {
        await client.query(
          `insert into detect_events (shard, seq, tick_ms, event)
           select $1, $2::bigint + each.ordinality - 1, $3, each.value
           from jsonb_array_elements($4::jsonb) with ordinality as each
           on conflict (shard, seq) do nothing`,
          [shard, firstSeq, tickMs, JSON.stringify(events)],
        );
        await keepAccepted(client, shard, firstSeq, events);
      }
      await client.query(
        `insert into shard_watermarks (shard, tick_ms, last_seq, epoch) values ($1, $2, $3, 0)
         on conflict (shard) do update
         set tick_ms = greatest(shard_watermarks.tick_ms, excluded.tick_ms),
             last_seq = greatest(shard_watermarks.last_seq, excluded.last_seq)`,
        [shard, tickMs, firstSeq + events.length - 1],
      );
    });
  }

  async watermark(shards: readonly string[]): Promise<number | undefined> {
    const { rows } = await query<{ low: number | null; shards: number }>(
      this.#pool,
      `select min(tick_ms) as low, count(*)::int as shards
       from shard_watermarks where shard = any($1)`,
      [shards],
    );
    const row = rows[0];
    return row && row.shards === shards.length ? (row.low ?? undefined) : undefined;
  }

  async behind(shards: readonly string[], tickMs: number): Promise<string[]> {
    const { rows } = await query<{ shard: string }>(
      this.#pool,
      `select each as shard from unnest($1::text[]) as each where not exists (
         select from shard_watermarks where shard = each and tick_ms >= $2) order by each`,
      [shards, tickMs],
    );
    return rows.map(({ shard }) => shard);
  }

  async read(after: Readonly<Record<string, number>>, untilTickMs: number): Promise<PlacedEvent[]> {
    const { rows } = await query<PlacedEvent>(
      this.#pool,
      `select shard, seq, tick_ms as "tickMs", event
       from detect_events left join jsonb_each_text($1::jsonb) as cursor (key, value)
         on cursor.key = shard
       where seq > coalesce(cursor.value::bigint, 0) and tick_ms <= $2
       order by tick_ms, shard, seq limit ${READ_LIMIT}`,
      [JSON.stringify(after), untilTickMs],
    );
    return rows;
  }
}

/** Levels that were accepted are kept when the verdicts themselves are forgotten. */
async function keepAccepted(
  client: pg.PoolClient,
  shard: string,
  firstSeq: number,
  events: readonly DetectEvent[],
): Promise<void> {
  const rows = events.flatMap((event, i) =>
    'anomaly' in event && event.anomaly.accepted !== undefined
      ? [{ seq: firstSeq + i, atMs: event.atMs, ...event.anomaly }]
      : [],
  );
  if (rows.length === 0) return;
  await client.query(
    `insert into accepted_levels (shard, seq, at, feed, object_type, object_id, kpi, accepted,
       started_at, observed, expected)
     select $1, seq, to_timestamp("atMs" / 1000), feed, "objectType", "objectId", kpi, accepted,
       to_timestamp("startedAtMs" / 1000), observed, expected
     from jsonb_to_recordset($2::jsonb) as each (seq bigint, "atMs" float8, feed text,
       "objectType" text, "objectId" text, kpi text, accepted text, "startedAtMs" float8,
       observed float8, expected float8)
     on conflict (shard, seq) do nothing`,
    [shard, JSON.stringify(rows)],
  );
}
