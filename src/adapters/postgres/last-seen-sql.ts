/** Statements about who was seen where last, shared by what comes by stream and by file. */

/**
 * The subscription that a sighting `g` (`subscriber`, `seen_at`) belongs to, as a lateral item `d`: by
 * IMSI, else by number, as valid at that time; null for nobody, or somebody who is erased.
 * @param number SQL of the number in E.164
 */
export function sightedSql(number: string): string {
  const valid = 'd.valid_from <= g.seen_at and d.valid_to > g.seen_at';
  return `
  left join lateral (
    select coalesce((
      select min(d.subscriber_id) from subscriber_identifiers d
      where d.kind = 'imsi' and d.value = g.subscriber and ${valid}), (
      select min(d.subscriber_id) from subscriber_identifiers d
      where d.kind = 'msisdn' and d.value = ${number} and ${valid}))::int as subscriber_id
    offset 0) d on not exists (select from subscribers s
      where s.subscriber_id = d.subscriber_id and s.erased_at is not null)`;
}

/**
 * Writes what is newer of `newest`, one sighting a person: `moved` had a row, `appeared` had none as a rule. Of
 * two cells at the very same moment the one with the greater number is held to be it, whichever comes
 * first. In order of subscriber, so that two writers cannot lock each other out; who has a row gets it
 * updated where it lies, which costs half of what an upsert does.
 */
export const KEEP_NEWEST = `
moved as (
  update last_seen l set cell_no = n.cell_no, seen_at = n.seen_at
  from newest n
  where l.subscriber_id = n.subscriber_id
    and (l.seen_at < n.seen_at or l.seen_at = n.seen_at and l.cell_no < n.cell_no)
  returning l.subscriber_id),
appeared as (
  insert into last_seen as l (subscriber_id, cell_no, seen_at)
  select subscriber_id, cell_no, seen_at from newest
  where subscriber_id not in (select subscriber_id from moved)
  order by subscriber_id
  on conflict (subscriber_id) do update
    set cell_no = excluded.cell_no, seen_at = excluded.seen_at
    where l.seen_at < excluded.seen_at
      or l.seen_at = excluded.seen_at and l.cell_no < excluded.cell_no
  returning 1)`;
