import type pg from 'pg';
import type { ResourceItem } from '../../api/ports.js';
import { query } from './pool.js';

/**
 * $1 pattern, $2 the text in lower case, $3 limit. A function is what links come from or lead to and
 * is neither site nor cell; a link with the id of its parent is that function.
 */
const SEARCH = `
select type, id, kind, name from (
  select 'site' as type, site_id as id, 'site' as kind, name, 1 as rank
  from sites where valid_to = 'infinity' and (site_id ilike $1 or name ilike $1)
  union all
  select 'cell', c.cell_id, coalesce(c.technology, 'cell'), s.name, 3
  from cells c left join sites s on s.site_id = c.site_id and s.valid_to = 'infinity'
  where c.valid_to = 'infinity' and c.cell_id ilike $1
  union all
  select distinct 'link', link_id, kind, null, 0
  from links where valid_to = 'infinity' and link_id ilike $1 and link_id <> parent_id
  union all
  select distinct on (parent_id) 'function', parent_id, kind, null, 0
  from links l where valid_to = 'infinity' and parent_id ilike $1
    and not exists (select from sites s where s.site_id = l.parent_id)
    and not exists (select from cells c where c.cell_id = l.parent_id)
  union all
  select distinct 'software', concat_ws(' ', vendor, version), 'software', null, 2
  from cells where valid_to = 'infinity' and version is not null
    and concat_ws(' ', vendor, version) ilike $1
) as found
order by lower(id) <> $2, not starts_with(lower(id), $2), rank, length(id), id limit $3`;

/** Resources whose id or name contains the text, best match first. */
export async function searchResources(
  pool: pg.Pool,
  search: string,
  limit: number,
): Promise<ResourceItem[]> {
  const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`;
  const { rows } = await query<ResourceItem>(pool, SEARCH, [pattern, search.toLowerCase(), limit]);
  return rows;
}
