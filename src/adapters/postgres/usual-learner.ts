import type pg from 'pg';
import { type DayPart, DayPartClock } from '../../impact/day-parts.js';
import { ofPart, type WhereaboutsRules } from '../../impact/whereabouts-rules.js';
import { query } from './pool.js';

const HOUR_MS = 3_600_000;
/** A part of the week is learnt from this long after its end: sightings come late. */
const SETTLED_MS = HOUR_MS;
/** Ids of people that one statement learns of. */
const BATCH_PEOPLE = 20_000;

/**
 * Learns one part of one day for a range of people and forgets its hours: the arithmetic of
 * src/impact/learn-usual.ts. $1 hours, $2 the first of them, $3 part, $4 weight that is kept, $5 least
 * weight, $6 share of people at the declared place, $7 and $8 range of people.
 */
const LEARN = `
with seen as materialized (
  delete from seen_hours
  where hour = any($1::timestamptz[]) and subscriber_id > $7 and subscriber_id <= $8
  returning subscriber_id, cell_no),
hours as materialized (
  select subscriber_id, cell_no, count(*)::float8 as hours from seen group by 1, 2),
people as materialized (
  select h.subscriber_id, h.total, s.class, s.home_site, exists (
    select from usual_cells u where u.subscriber_id = h.subscriber_id and u.part = $3) as is_known
  from (select subscriber_id, sum(hours) as total from hours group by 1) h
  join subscribers s using (subscriber_id) where s.erased_at is null),
parts as (
  select u.subscriber_id, u.cell_no, u.weight::float8 * $4::float8 as weight
  from people p join usual_cells u using (subscriber_id) where p.is_known and u.part = $3
  union all
  select p.subscriber_id, n.cell_no,
    0.5 * $6::float8 / count(*) over (partition by p.subscriber_id)
  from people p join cells c on c.site_id = p.home_site and c.valid_to = 'infinity'
  join cell_numbers n using (cell_id) where not p.is_known
  union all
  select subscriber_id, h.cell_no,
    case when p.is_known then 1 - $4::float8 else 0.5 end * h.hours / p.total
  from hours h join people p using (subscriber_id)),
merged as (
  select subscriber_id, cell_no, sum(weight) as weight from parts group by 1, 2),
kept as materialized (
  select subscriber_id, cell_no, weight / sum(weight) over (partition by subscriber_id) as weight
  from merged where weight >= $5::float8),
written as (
  insert into usual_cells (subscriber_id, part, cell_no, weight, updated_on, class)
  select k.subscriber_id, $3, k.cell_no, least(1, k.weight), ($2::timestamptz)::date, p.class
  from kept k join people p using (subscriber_id) order by 1, 3
  on conflict (subscriber_id, part, cell_no) do update
    set weight = excluded.weight, updated_on = excluded.updated_on
  returning 1),
gone as (
  delete from usual_cells u using people p
  where u.subscriber_id = p.subscriber_id and u.part = $3 and not exists (
    select from kept k where k.subscriber_id = u.subscriber_id and k.cell_no = u.cell_no)
  returning 1)
select count(*)::int as people from people`;

/** Keeps usual cells by part of the week, in mode learnt, from the hours in which people were seen. */
export class UsualLearner {
  readonly #pool: pg.Pool;
  readonly #rules: WhereaboutsRules;
  readonly #clock: DayPartClock;

  /** @param zone whose parts of the week sightings belong to */
  constructor(pool: pg.Pool, rules: WhereaboutsRules, zone: string) {
    this.#pool = pool;
    this.#rules = rules;
    this.#clock = new DayPartClock(zone);
  }

  /**
   * Learns the oldest part of a day that is over, one batch of people. Each batch is one statement:
   * a failure between two leaves nothing half learnt.
   * @param nowMs network time, epoch ms
   */
  async turn(nowMs: number): Promise<'busy' | 'idle'> {
    if (this.#rules.mode !== 'learnt') return 'idle';
    const { rows } = await query<{ hour: Date | null }>(
      this.#pool,
      'select min(hour) as hour from seen_hours',
    );
    const first = rows[0]?.hour?.getTime();
    if (first === undefined) return 'idle';
    const part = this.#clock.at(first);
    const { fromMs, toMs } = this.#span(first, part);
    if (toMs + SETTLED_MS > nowMs) return 'idle';
    await this.#learn(part, fromMs, toMs);
    return 'busy';
  }

  /** The whole hours of that part around a moment. */
  #span(ms: number, part: DayPart): { fromMs: number; toMs: number } {
    let toMs = ms + HOUR_MS;
    while (toMs - ms < 24 * HOUR_MS && this.#clock.at(toMs) === part) toMs += HOUR_MS;
    return { fromMs: ms, toMs };
  }

  async #learn(part: DayPart, fromMs: number, toMs: number): Promise<void> {
    const { halfLifeDays, minWeight, atHome } = this.#rules;
    const hours: Date[] = [];
    for (let ms = fromMs; ms < toMs; ms += HOUR_MS) hours.push(new Date(ms));
    const keep = 0.5 ** (1 / halfLifeDays);
    const { rows } = await query<{ last: number | null }>(
      this.#pool,
      'select max(subscriber_id) as last from subscribers',
    );
    const last = rows[0]?.last ?? 0;
    for (let from = 0; from < last; from += BATCH_PEOPLE) {
      const range = [from, from + BATCH_PEOPLE];
      const values = [hours, hours[0], part, keep, minWeight, ofPart(atHome, part), ...range];
      await query(this.#pool, LEARN, values);
    }
  }
}
