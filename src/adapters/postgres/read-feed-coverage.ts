import type pg from 'pg';
import type { Fact } from '../../domain/facts.js';
import { decodeFact } from './fact-codec.js';
import { query } from './pool.js';

/** Entries of each stream and kind that are looked into. */
const SAMPLED_ENTRIES = 20;
const REASONS_LISTED = 10;

/** What was refused of one feed in the last two days. */
export interface FeedRejects {
  readonly reasons: readonly { readonly reason: string; readonly count: number }[];
  /** texts of kept refusals for an unknown object, newest first */
  readonly unknownDetails: readonly string[];
}

/** The newest entries of the journal of one kind, and how many there are of it in two days. */
export interface JournalSample {
  readonly facts: readonly Fact[];
  readonly entries: number;
}

/** Whether migrations have run. */
export async function hasSchema(pool: pg.Pool): Promise<boolean> {
  const { rows } = await query<{ there: boolean }>(
    pool,
    "select to_regclass('dead_letter_counts') is not null as there",
  );
  return rows[0]?.there ?? false;
}

/** The newest facts of a kind. */
export async function sampleJournal(pool: pg.Pool, kind: Fact['kind']): Promise<JournalSample> {
  const sample = await query<{ kind: string; payload: Buffer }>(
    pool,
    `select kind, payload from (
       select kind, payload, row_number() over (partition by stream order by "offset" desc) as place
         from journal where kind = $1) as newest
      where place <= $2`,
    [kind, SAMPLED_ENTRIES],
  );
  const { rows } = await query<{ entries: number }>(
    pool,
    `select count(*) as entries from journal
      where kind = $1 and received_at >= current_date - 1`,
    [kind],
  );
  const facts = sample.rows.map((row) => decodeFact(row.kind, row.payload));
  return { facts, entries: rows[0]?.entries ?? 0 };
}

/** Refusals of a feed today and yesterday. */
export async function feedRejects(pool: pg.Pool, feed: string): Promise<FeedRejects> {
  const reasons = await query<{ reason: string; count: number }>(
    pool,
    `select reason, sum(count)::bigint as count from dead_letter_counts
      where feed = $1 and day >= current_date - 1 group by reason
      order by sum(count) desc, reason limit $2`,
    [feed, REASONS_LISTED],
  );
  const details = await query<{ detail: string }>(
    pool,
    `select detail from dead_letters
      where feed = $1 and reason = 'object.unknown' and received_at >= current_date - 1
      order by id desc`,
    [feed],
  );
  return { reasons: reasons.rows, unknownDetails: details.rows.map(({ detail }) => detail) };
}

/** Which of these ids the present inventory holds, as a cell, site, link or end of a link. */
export async function inInventory(
  pool: pg.Pool,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await query<{ id: string }>(
    pool,
    `select id from unnest($1::text[]) as given (id)
      where exists (select 1 from cells where cell_id = id and valid_to = 'infinity')
         or exists (select 1 from sites where site_id = id and valid_to = 'infinity')
         or exists (select 1 from links where valid_to = 'infinity'
                     and id in (link_id, parent_id, child_id))`,
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Which of these ids are cells where somebody usually is or was last seen. */
export async function withPeople(
  pool: pg.Pool,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await query<{ id: string }>(
    pool,
    `select id from unnest($1::text[]) as given (id) join cell_numbers n on n.cell_id = id
      where exists (select 1 from usual_cells u where u.cell_no = n.cell_no)
         or exists (select 1 from last_seen l where l.cell_no = n.cell_no)`,
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Which of these IMSIs and numbers, as a source spells them, are subscribers now. */
export async function knownSubscribers(
  pool: pg.Pool,
  spelled: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await query<{ id: string }>(
    pool,
    `select id from unnest($1::text[]) as given (id)
      where exists (select 1 from subscriber_identifiers d
                     where d.kind in ('imsi', 'msisdn') and d.value in (id, '+' || id)
                       and d.valid_to > now())`,
    [spelled],
  );
  return new Set(rows.map(({ id }) => id));
}
