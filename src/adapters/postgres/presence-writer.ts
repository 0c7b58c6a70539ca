import type pg from 'pg';
import type { Presence } from '../../domain/facts.js';
import type { PresenceCounts, PresenceWriter } from '../../impact/ports.js';
import type { ImpactRules } from '../../impact/rules.js';
import { CellNumbers } from './cell-numbers.js';
import { KEEP_NEWEST, sightedSql } from './last-seen-sql.js';
import { prepared } from './prepared.js';
import { applyVisitors } from './visitor-writer.js';

/**
 * One statement: resolves subscribers by IMSI, else by number (with or without its plus sign), keeps
 * each person's newest and writes only what is newer. In order of what a subscriber is called, so that
 * what is looked up lies beside what was looked up before. $1 subscribers, $2 cells by number (null:
 * not known), $3 times, $4 latest time allowed.
 */
export const APPLY_PRESENCE = `
with resolved as materialized (
  select g.cell_no, g.seen_at, g.seen_at > $4 as is_future, d.subscriber_id
  from (
    select * from unnest($1::text[], $2::int[], $3::timestamptz[]) as s(subscriber, cell_no, seen_at)
    order by subscriber) g
  ${sightedSql(`case when g.subscriber like '+%' then '' else '+' end || g.subscriber`)}),
newest as materialized (
  select distinct on (subscriber_id) subscriber_id, cell_no, seen_at
  from resolved
  where subscriber_id is not null and cell_no is not null and not is_future
  order by subscriber_id, seen_at desc, cell_no desc),
${KEEP_NEWEST}
select ((select count(*) from moved) + (select count(*) from appeared))::int as applied,
  count(*) filter (where is_future)::int as future,
  count(*) filter (where not is_future and subscriber_id is null)::int as "unknownSubscriber",
  count(*) filter (where not is_future and subscriber_id is not null and cell_no is null)::int
    as "unknownCell",
  (select count(*) from resolved r join newest n using (subscriber_id, seen_at)
    where r.cell_no <> n.cell_no)::int as contradictory
from resolved`;

/** Stands for every cell of every network abroad. */
const ABROAD = 0;

const CHUNK = 10_000;

const NOTHING = {
  applied: 0,
  stale: 0,
  contradictory: 0,
  unknownSubscriber: 0,
  visitors: 0,
  unknownCell: 0,
  future: 0,
};

/** Keeps `last_seen`, one row per person. Times must be ISO 8601, as the presence schema has them. */
export class PostgresPresenceWriter implements PresenceWriter {
  readonly #pool: pg.Pool;
  readonly #rules: ImpactRules;
  readonly #cells: CellNumbers;
  readonly #secret: string;
  readonly #foreign: RegExp | undefined;

  /** @param secret keys the fingerprints of visitors */
  constructor(pool: pg.Pool, rules: ImpactRules, secret: string) {
    this.#pool = pool;
    this.#rules = rules;
    this.#secret = secret;
    const { foreignCells } = rules.visitors;
    this.#foreign = foreignCells === undefined ? undefined : new RegExp(foreignCells);
    this.#cells = new CellNumbers(pool);
  }

  async apply(items: readonly Presence[], nowMs: number): Promise<PresenceCounts> {
    const total = { ...NOTHING };
    for (let start = 0; start < items.length; start += CHUNK) {
      const counts = await this.#applyChunk(items.slice(start, start + CHUNK), nowMs);
      for (const each of Object.keys(total) as (keyof PresenceCounts)[])
        total[each] += counts[each];
    }
    return total;
  }

  async #applyChunk(items: readonly Presence[], nowMs: number): Promise<PresenceCounts> {
    const limit = new Date(nowMs + this.#rules.maxFutureMinutes * 60_000);
    const numbers = await this.#cells.of(items.map(({ cell }) => cell));
    const sightings = { items, cells: numbers };
    const { rules, secret } = { rules: this.#rules.visitors, secret: this.#secret };
    const of = await applyVisitors(this.#pool, sightings, { rules, secret, limit });
    const { rest } = of;
    const { rows } = await prepared<Omit<PresenceCounts, 'stale'>>(this.#pool, APPLY_PRESENCE, [
      rest.items.map((item) => item.subscriber),
      rest.cells.map((number, at) => number ?? this.#abroad(rest.items[at]?.cell ?? '')),
      rest.items.map((item) => item.time),
      limit,
    ]);
    const row = { ...NOTHING, ...rows[0] };
    const refused = row.future + row.unknownSubscriber + row.unknownCell + row.contradictory;
    const stale = rest.items.length - row.applied - refused;
    return {
      ...row,
      stale,
      visitors: of.visitors,
      future: row.future + of.future,
      unknownCell: row.unknownCell + of.unknownCell,
    };
  }

  #abroad(cell: string): number | null {
    return this.#foreign?.test(cell) ? ABROAD : null;
  }
}
