import { promisify } from 'node:util';
import { deflateRaw, inflateRawSync } from 'node:zlib';
import type pg from 'pg';
import type { IntervalForecast } from '../../domain/interval-forecast.js';
import { type KeptForecast, packForecast, unpackForecast } from '../../forecast/record/pack.js';
import { type IntervalScore, isInIncident, scoreInterval } from '../../forecast/record/score.js';
import type { DueInterval, ForecastRecord } from '../../runtime/ports.js';
import { query } from './pool.js';

const deflated = promisify(deflateRaw);
const BATCH = 20;
/** Forecasts of so long are kept in full, the newest of each queue always. */
const FULL_MINUTES = 60;
/** Calls that are not there so long after an interval are not waited for. */
const WAIT_HOURS = 24;
const HOUR_MS = 3_600_000;
const WEEK = `interval '7 days'`;

/** Lead times that forecasts are judged by, in seconds: a quarter hour, 1 h, 4 h, 1 day, 7 days. */
export const LEADS: readonly number[] = [900, 3600, 14_400, 86_400, 604_800];

interface IssuedRow {
  queue: string;
  issued_at: Date;
  intervals: IntervalForecast[];
}

/** $1 batch; forecasts in full that are not packed yet, oldest first */
const UNPACKED = `
  select f.queue, f.issued_at, f.intervals from forecasts f
  where not exists (select from forecast_record r
                    where r.queue = f.queue and r.issued_at = f.issued_at)
    and jsonb_array_length(f.intervals) > 0
  order by f.issued_at, f.queue limit $1`;

/**
 * $1 now: intervals that ended a while ago, whose calls are all there and that are not judged yet.
 * Rows longer than the interval do not count; rows of areas cover the same time once.
 */
const DUE = `
  with newest as (
    select distinct on (queue) queue, (intervals -> 0 ->> 'intervalSeconds')::int as step
    from forecasts where jsonb_array_length(intervals) > 0 order by queue, issued_at desc
  ), came as (
    select n.queue, n.step, s.starts_at, c.offered, c.covered, c.with_area, w.offered as last_week
    from newest n
    cross join lateral generate_series(
      to_timestamp(ceil(extract(epoch from $1::timestamptz - interval '${WAIT_HOURS} hours') / n.step) * n.step),
      $1::timestamptz - make_interval(secs => n.step + 600), make_interval(secs => n.step)) as s (starts_at)
    cross join lateral (${callsOf('s.starts_at')}) as c
    left join lateral (
      select offered from (${callsOf(`s.starts_at - ${WEEK}`)}) as week where covered >= n.step) as w on true
    where not exists (select from forecast_judged j
                      where j.queue = n.queue and j.starts_at = s.starts_at)
  )
  select queue, step, starts_at, offered, 2 * with_area > offered as with_area, last_week from came
  where covered >= step order by starts_at, queue limit $2`;

function callsOf(start: string): string {
  return `
    select sum(offered) as offered, sum(with_area) as with_area, sum(seconds) as covered from (
      select sum(offered) as offered, coalesce(sum(offered) filter (where area <> ''), 0) as with_area,
        interval_seconds as seconds from calls k
      where k.queue = n.queue and k.starts_at >= ${start}
        and k.starts_at < ${start} + make_interval(secs => n.step)
        and k.interval_seconds <= n.step
      group by k.starts_at, k.interval_seconds) as parts`;
}

/** $1 queue, $2 to, $3 from: the newest forecast issued in between */
const NEWEST = `
  select packed from forecast_record
  where queue = $1 and issued_at <= $2 and issued_at > $3 order by issued_at desc limit 1`;

/** The record of forecasts in Postgres: written beside the decisions, never in their transaction. */
export class PostgresForecastRecord implements ForecastRecord {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async packIssued(): Promise<number> {
    const { rows } = await query<IssuedRow>(this.#pool, UNPACKED, [BATCH]);
    for (const { queue, issued_at, intervals } of rows) {
      const packed = await deflated(packForecast(intervals));
      await query(
        this.#pool,
        `insert into forecast_record (queue, issued_at, packed) values ($1, $2, $3)
         on conflict do nothing`,
        [queue, issued_at, packed],
      );
    }
    return rows.length;
  }

  async forget(nowMs: number, keepDays: number): Promise<void> {
    await query(
      this.#pool,
      `delete from forecasts f using forecast_record r
       where r.queue = f.queue and r.issued_at = f.issued_at
         and f.issued_at < $1::timestamptz - interval '${FULL_MINUTES} minutes'
         and exists (select from forecasts n where n.queue = f.queue and n.issued_at > f.issued_at)`,
      [new Date(nowMs)],
    );
    const before = new Date(nowMs - keepDays * 86_400_000);
    await query(this.#pool, 'delete from forecast_record where issued_at < $1', [before]);
    await query(this.#pool, 'delete from forecast_judged where starts_at < $1', [before]);
  }

  async due(nowMs: number): Promise<DueInterval[]> {
    const { rows } = await query<{
      queue: string;
      step: number;
      starts_at: Date;
      offered: number;
      with_area: boolean;
      last_week: number | null;
    }>(this.#pool, DUE, [new Date(nowMs), BATCH]);
    return rows.map((row) => ({
      queue: row.queue,
      startMs: row.starts_at.getTime(),
      intervalSeconds: row.step,
      actual: row.offered,
      lastWeek: row.last_week,
      hasArea: row.with_area,
    }));
  }

  async score(due: DueInterval): Promise<void> {
    const { queue, startMs, intervalSeconds, actual, lastWeek, hasArea } = due;
    const latest = await this.#issuedBefore(queue, startMs + intervalSeconds * 1000);
    const known = latest?.intervals.find((each) => each.startMs === startMs);
    const scores: { lead: number; score: IntervalScore }[] = [];
    for (const lead of LEADS) {
      const forecast = await this.#issuedBefore(queue, startMs - lead * 1000, lead);
      const score = forecast && scoreInterval(forecast, startMs, actual);
      if (score) scores.push({ lead, score });
    }
    const list = <Value>(pick: (each: (typeof scores)[number]) => Value) => scores.map(pick);
    await query(this.#pool, SAVE, [
      queue,
      new Date(startMs),
      intervalSeconds,
      actual,
      lastWeek,
      known !== undefined && isInIncident(known),
      list(({ lead }) => lead),
      list(({ score }) => score.median),
      list(({ score }) => score.pinball),
      list(({ score }) => score.isWithin80),
      list(({ score }) => score.isWithin95),
      hasArea,
    ]);
  }

  /** The newest forecast issued by a moment, and not much longer before than it was to be. */
  async #issuedBefore(queue: string, ms: number, lead = 0): Promise<KeptForecast | undefined> {
    const oldest = ms - Math.max(HOUR_MS, lead * 500);
    const { rows } = await query<{ packed: Buffer }>(this.#pool, NEWEST, [
      queue,
      new Date(ms),
      new Date(oldest),
    ]);
    const row = rows[0];
    return row && unpackForecast(inflateRawSync(row.packed));
  }
}

/** $1 queue, $2 start, $3 step, $4 actual, $5 last week, $6 in incident, then lists by lead, $12 whether most calls had an area */
const SAVE = `
  with judged as (
    insert into forecast_judged (queue, starts_at, interval_seconds, actual, last_week, in_incident,
      with_area)
    values ($1, $2, $3, $4, $5, $6, $12) on conflict do nothing returning queue, starts_at)
  insert into forecast_scores (queue, starts_at, lead_seconds, median, pinball, within_80, within_95)
  select judged.queue, judged.starts_at, each.* from judged,
    unnest($7::int[], $8::float8[], $9::float8[], $10::bool[], $11::bool[]) as each`;
