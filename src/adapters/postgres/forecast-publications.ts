import type pg from 'pg';
import type { IntervalForecast } from '../../domain/interval-forecast.js';
import type { ForecastPublications, PublishedForecast } from '../../runtime/ports.js';
import { query } from './pool.js';

const BATCH = 50;

/** Which forecasts a topic has been given, in Postgres. */
export class PostgresForecastPublications implements ForecastPublications {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async lacking(topic: string): Promise<PublishedForecast[]> {
    const { rows } = await query<{
      queue: string;
      issued_at: Date;
      intervals: IntervalForecast[];
    }>(
      this.#pool,
      `select f.queue, f.issued_at, f.intervals
       from (select queue, max(issued_at) as issued_at from forecasts group by queue) as newest
       join forecasts f using (queue, issued_at)
       left join forecast_publications p on p.topic = $1 and p.queue = f.queue
       where p.issued_at is null or p.issued_at < f.issued_at
       order by f.queue limit $2`,
      [topic, BATCH],
    );
    return rows.map((row) => ({
      queue: row.queue,
      issuedAtMs: row.issued_at.getTime(),
      intervals: row.intervals,
    }));
  }

  async published(topic: string, forecasts: readonly PublishedForecast[]): Promise<void> {
    await query(
      this.#pool,
      `insert into forecast_publications (topic, queue, issued_at)
       select $1, * from unnest($2::text[], $3::timestamptz[])
       on conflict (topic, queue) do update set issued_at = excluded.issued_at`,
      [
        topic,
        forecasts.map(({ queue }) => queue),
        forecasts.map(({ issuedAtMs }) => new Date(issuedAtMs)),
      ],
    );
  }
}
