import type pg from 'pg';
import type { CountInterval } from '../../domain/count-interval.js';
import type { Fact } from '../../domain/facts.js';
import { placeKey, townKeys } from '../../domain/town.js';
import { inferInterval } from './import-calls.js';
import { factsOf } from './import-facts.js';
import { type ImportContext, type ImportKind, refuse, STAGING } from './import-kind.js';
import { mergePlain } from './import-topology.js';
import { dropUnchanged } from './import-versioned.js';

/** As for counts that are pushed. */
const MOST = 10_000_000;
const DAY_SECONDS = 86_400;

const PAST_COUNTS = {
  table: 'past_counts',
  key: ['name', 'area', 'starts_at', 'interval_seconds'],
  attributes: ['count'],
} as const;

/** What customers did by area and interval in the past: what is usual is learnt from it. */
export const counts: ImportKind = {
  columns: [
    ['name', 'kind'],
    ['area', 'site_id', 'town'],
    ['start', 'time', 'starts_at'],
    ['interval_seconds', 'interval'],
    ['count', 'counted'],
  ],
  required: [['name'], ['area'], ['start'], ['count']],
  staging: 'name text, area text, starts_at timestamptz, interval_seconds float8, count float8',
  key: ['name', 'area', 'starts_at', 'interval_seconds'],
  read: (row, { validFrom }) => {
    const start = row.time('start');
    if (start > validFrom) row.reject(`start is after the import, ${validFrom}`);
    return [
      row.text('name', 64),
      row.text('area', 128),
      start,
      row.optionalNumber('interval_seconds', 60, DAY_SECONDS),
      row.number('count', 0, MOST),
    ];
  },
  merge: async (client, _context: ImportContext) => {
    await inferInterval(client, ['name', 'area']);
    await refuseUnknownAreas(client);
    await dropUnchanged(client, PAST_COUNTS);
    return mergePlain(client, PAST_COUNTS);
  },
  facts,
  largeTables: ['past_counts'],
};

/** An area is a site, cell or line by its id, or a town that sites are named after. */
async function refuseUnknownAreas(client: pg.PoolClient): Promise<void> {
  const given = await client.query<{ area: string }>(
    `select distinct area from ${STAGING} s
      where not exists (select from sites t where t.site_id = s.area and t.valid_to = 'infinity')
        and not exists (select from cells t where t.cell_id = s.area and t.valid_to = 'infinity')
        and not exists (select from links t where t.valid_to = 'infinity'
          and s.area in (t.link_id, t.parent_id, t.child_id))
        and exists (select from sites)`,
  );
  if (given.rows.length === 0) return;
  const sites = await client.query<{ name: string }>(
    `select name from sites where valid_to = 'infinity' and name is not null`,
  );
  const towns = new Set(sites.rows.flatMap(({ name }) => townKeys(name)));
  const unknown = given.rows.map(({ area }) => area).filter((area) => !towns.has(placeKey(area)));
  await refuse(
    client,
    's.area = any($1::text[])',
    `'area "' || area || '" is no site, cell or line of the inventory, and no town that its sites are named after'`,
    [unknown],
  );
}

/** What is new or changed, oldest first. */
async function facts(client: pg.PoolClient): Promise<Fact[]> {
  const { rows } = await client.query<Omit<CountInterval, 'start'> & { starts_at: Date }>(
    `select name, area, starts_at, interval_seconds::int as "intervalSeconds", count
       from ${STAGING} order by starts_at, name, area`,
  );
  const items = rows.map(({ starts_at, ...row }) => ({ ...row, start: starts_at.toISOString() }));
  return factsOf(items, (part) => ({ kind: 'pastCounts', items: part }));
}
