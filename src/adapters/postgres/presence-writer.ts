import type pg from 'pg';
import type { Presence } from '../../domain/facts.js';
import type { PresenceCounts, PresenceWriter } from '../../impact/ports.js';
import type { ImpactRules } from '../../impact/rules.js';
import { query } from './pool.js';

/**
 * One statement: resolves subscribers by IMSI or number (with or without its plus sign) as valid at
 * the time of the sighting, checks cells, keeps each person's newest and writes only what is newer.
 * Rows are written in order of subscriber, so that two writers cannot lock each other out.
 * $1 subscribers, $2 cells, $3 times, $4 latest time allowed.
 */
const APPLY = `
with given as (
  select * from unnest($1::text[], $2::text[], $3::timestamptz[])
    with ordinality as g(subscriber, cell_id, seen_at, n)),
resolved as (
  select g.n, g.seen_at, min(d.subscriber_id) as subscriber_id, g.seen_at > $4 as is_future,
    (select n.cell_no from cell_numbers n where n.cell_id = g.cell_id and exists (
      select 1 from cells c where c.cell_id = g.cell_id and c.valid_to = 'infinity')) as cell_no
  from given g
  left join subscriber_identifiers d on d.kind in ('imsi', 'msisdn')
    and d.value in (g.subscriber, '+' || g.subscriber)
    and d.valid_from <= g.seen_at and d.valid_to > g.seen_at
  group by g.n, g.cell_id, g.seen_at),
newest as (
  select distinct on (subscriber_id) subscriber_id, cell_no, seen_at
  from resolved
  where subscriber_id is not null and cell_no is not null and not is_future
  order by subscriber_id, seen_at desc, n desc),
written as (
  insert into last_seen as l (subscriber_id, cell_no, seen_at)
  select subscriber_id, cell_no, seen_at from newest order by subscriber_id
  on conflict (subscriber_id) do update
    set cell_no = excluded.cell_no, seen_at = excluded.seen_at
    where l.seen_at < excluded.seen_at
  returning 1)
select (select count(*) from written)::int as applied,
  count(*) filter (where is_future)::int as future,
  count(*) filter (where not is_future and subscriber_id is null)::int as "unknownSubscriber",
  count(*) filter (where not is_future and subscriber_id is not null and cell_no is null)::int
    as "unknownCell"
from resolved`;

const CHUNK = 10_000;

/** Keeps `last_seen`, one row per person. Times must be ISO 8601, as the presence schema has them. */
export class PostgresPresenceWriter implements PresenceWriter {
  readonly #pool: pg.Pool;
  readonly #rules: ImpactRules;

  constructor(pool: pg.Pool, rules: ImpactRules) {
    this.#pool = pool;
    this.#rules = rules;
  }

  async apply(items: readonly Presence[], nowMs: number): Promise<PresenceCounts> {
    const total = { applied: 0, stale: 0, unknownSubscriber: 0, unknownCell: 0, future: 0 };
    for (let start = 0; start < items.length; start += CHUNK) {
      const counts = await this.#applyChunk(items.slice(start, start + CHUNK), nowMs);
      total.applied += counts.applied;
      total.stale += counts.stale;
      total.unknownSubscriber += counts.unknownSubscriber;
      total.unknownCell += counts.unknownCell;
      total.future += counts.future;
    }
    return total;
  }

  async #applyChunk(items: readonly Presence[], nowMs: number): Promise<PresenceCounts> {
    const limit = new Date(nowMs + this.#rules.maxFutureMinutes * 60_000);
    const { rows } = await query<Omit<PresenceCounts, 'stale'>>(this.#pool, APPLY, [
      items.map((item) => item.subscriber),
      items.map((item) => item.cell),
      items.map((item) => item.time),
      limit,
    ]);
    const row = rows[0] ?? { applied: 0, future: 0, unknownSubscriber: 0, unknownCell: 0 };
    const stale = items.length - row.applied - row.future - row.unknownSubscriber - row.unknownCell;
    return { ...row, stale };
  }
}
