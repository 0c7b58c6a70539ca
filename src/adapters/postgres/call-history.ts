import type pg from 'pg';
import { TocsinError } from '../../domain/errors.js';
import type { CallInterval } from '../../domain/facts.js';
import type { PastCalls } from '../../forecast/past-calls.js';
import { mapPostgresError } from './pool.js';

const DAY_MS = 86_400_000;
/** Days read at once: what comes is taken in within some milliseconds, for decisions go on beside it. */
const PAST_PAGE_MS = 7 * DAY_MS;
const RECENT_PAGE_MS = DAY_MS / 4;
/** An interval of the day (int2) and its calls (float8), as Postgres sends them. */
const PACKED_BYTES = 10;

interface RecentRow {
  queue: string;
  area: string;
  starts_at: Date;
  interval_seconds: number;
  offered: number;
  abandoned: number | null;
  handle_seconds: number | null;
}

interface PastRow {
  queue: string;
  day: number;
  counts: Buffer | null;
  abandoned: number | null;
  offered_of_abandoned: number | null;
  handle_seconds: number | null;
  handled: number | null;
}

/** $1 from, $2 to */
const RECENT = `
  select queue, area, starts_at, interval_seconds, offered, abandoned, handle_seconds
  from calls where starts_at >= $1 and starts_at < $2 order by starts_at, queue, area`;

/**
 * $1 from, $2 to, $3 seconds of a staffing interval; a row for each queue and UTC day, packed by the
 * server, areas summed, longer intervals spread evenly
 */
const PAST = `
  with read as (
    select queue, offered, abandoned, handle_seconds,
      extract(epoch from starts_at)::float8 as epoch,
      greatest(1, floor(interval_seconds / $3::float8 + 0.5))::int as parts
    from calls where starts_at >= $1 and starts_at < $2
  ), steps as (
    select queue, floor(epoch / $3::float8)::int + part as step, sum(offered / parts) as calls
    from read cross join lateral generate_series(0, parts - 1) as part group by 1, 2
  ), packed as (
    select queue, step / (86400 / $3::int) as day,
      string_agg(int2send((step % (86400 / $3::int))::int2) || float8send(calls), ''::bytea
        order by step) as counts
    from steps group by 1, 2
  ), sums as (
    select queue, floor(epoch / 86400)::int as day, sum(abandoned) as abandoned,
      sum(offered) filter (where abandoned is not null) as offered_of_abandoned,
      sum(handle_seconds * offered) / nullif(sum(offered) filter (where handle_seconds is not null), 0)
        as handle_seconds,
      sum(offered) filter (where handle_seconds is not null) as handled
    from read group by 1, 2
  )
  select * from packed full join sums using (queue, day) order by day, queue`;

/** What of the stored calls is read. */
export interface CallHistoryOptions {
  /** epoch ms */
  readonly fromMs: number;
  /** from that UTC day on calls come as they are, with areas; those before packed. Epoch ms */
  readonly recentFromMs: number;
  /** of staffing; divides a day */
  readonly intervalSeconds: number;
}

/** Takes in calls as they are read, past days first. */
export interface CallHistoryTaker {
  observePast(days: readonly PastCalls[]): void;
  observe(calls: readonly CallInterval[]): void;
}

/** The stored calls as they were at one moment, on a connection of its own until it is ended. */
export class CallHistory {
  readonly #client: pg.PoolClient;
  #isStopped = false;

  private constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  /** Settles what is read: calls that are stored later are not. @throws TocsinError `unavailable.postgres` */
  static async open(pool: pg.Pool): Promise<CallHistory> {
    try {
      const client = await pool.connect();
      try {
        // A snapshot is taken by the first statement after this one.
        await client.query('begin isolation level repeatable read, read only');
        await client.query('select 1');
      } catch (error) {
        client.release(true);
        throw error;
      }
      return new CallHistory(client);
    } catch (error) {
      throw mapPostgresError(error);
    }
  }

  /** Ends reading early. */
  stop(): void {
    this.#isStopped = true;
  }

  /**
   * Reads everything into the taker, in order of time and in small pieces, and gives the connection back.
   * @throws TocsinError `unavailable.postgres`, also when it was stopped
   */
  async read(taker: CallHistoryTaker, options: CallHistoryOptions): Promise<void> {
    let broken: Error | undefined;
    const onError = (error: Error): void => {
      broken = error;
    };
    this.#client.on('error', onError);
    try {
      await this.#read(taker, options);
      await this.#client.query('commit');
    } catch (error) {
      broken = error as Error;
      throw mapPostgresError(error);
    } finally {
      this.#client.off('error', onError);
      this.#client.release(broken);
    }
  }

  async #read(
    taker: CallHistoryTaker,
    { fromMs, recentFromMs, intervalSeconds }: CallHistoryOptions,
  ): Promise<void> {
    const { rows } = await this.#client.query<{ first: Date | null; last: Date | null }>(
      'select min(starts_at) as first, max(starts_at) as last from calls where starts_at >= $1',
      [new Date(fromMs)],
    );
    const firstMs =
      Math.floor((rows[0]?.first?.getTime() ?? Number.POSITIVE_INFINITY) / DAY_MS) * DAY_MS;
    const lastMs = rows[0]?.last?.getTime() ?? Number.NEGATIVE_INFINITY;
    const recentMs = Math.floor(recentFromMs / DAY_MS) * DAY_MS;
    for (let from = firstMs; from < recentMs && from <= lastMs; from += PAST_PAGE_MS) {
      const toMs = Math.min(recentMs, from + PAST_PAGE_MS);
      const values = [new Date(Math.max(from, fromMs)), new Date(toMs), intervalSeconds];
      taker.observePast((await this.#page<PastRow>(PAST, values)).map(asPast));
    }
    for (let from = Math.max(firstMs, recentMs); from <= lastMs; from += RECENT_PAGE_MS) {
      const values = [new Date(Math.max(from, fromMs)), new Date(from + RECENT_PAGE_MS)];
      taker.observe((await this.#page<RecentRow>(RECENT, values)).map(asInterval));
    }
  }

  async #page<Row extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[],
  ): Promise<Row[]> {
    if (this.#isStopped) {
      throw new TocsinError('unavailable.postgres', 'reading the stored calls was stopped');
    }
    return (await this.#client.query<Row>(text, [...values])).rows;
  }
}

function asPast(row: PastRow): PastCalls {
  const packed = row.counts ?? Buffer.alloc(0);
  const known = packed.length / PACKED_BYTES;
  const intervals = new Uint16Array(known);
  const calls = new Float64Array(known);
  for (let at = 0; at < known; at++) {
    intervals[at] = packed.readInt16BE(at * PACKED_BYTES);
    calls[at] = packed.readDoubleBE(at * PACKED_BYTES + 2);
  }
  return {
    queue: row.queue,
    day: row.day,
    intervals,
    calls,
    abandoned: row.abandoned ?? 0,
    offeredOfAbandoned: row.offered_of_abandoned ?? 0,
    handleSeconds: row.handle_seconds ?? 0,
    handled: row.handle_seconds === null ? 0 : (row.handled ?? 0),
  };
}

function asInterval(row: RecentRow): CallInterval {
  return {
    queue: row.queue,
    ...(row.area === '' ? {} : { area: row.area }),
    start: row.starts_at.toISOString(),
    intervalSeconds: row.interval_seconds,
    offered: row.offered,
    ...(row.abandoned === null ? {} : { abandoned: row.abandoned }),
    ...(row.handle_seconds === null ? {} : { handleSeconds: row.handle_seconds }),
  };
}
