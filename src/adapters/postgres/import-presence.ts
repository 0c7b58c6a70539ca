import type pg from 'pg';
import { visitorHome } from '../../impact/visitors.js';
import { type ImportContext, type ImportKind, REFUSED, STAGING } from './import-kind.js';
import { KEEP_NEWEST, sightedSql } from './last-seen-sql.js';
import { toE164 } from './phone-number.js';
import { visitorKey } from './visitor-writer.js';

/** Sightings, of subscribers and of phones of other networks. */
export const presence: ImportKind = {
  columns: [
    ['subscriber', 'imsi', 'msisdn'],
    ['cell', 'cell_id'],
    ['time', 'seen_at'],
  ],
  required: [['subscriber'], ['cell'], ['time']],
  staging: `subscriber text, number text, cell_id text, seen_at timestamptz, visitor_key bytea,
    network text, country text`,
  key: [],
  read: (row, { region, visitors, phoneSecret }) => {
    const subscriber = row.text('subscriber', 64);
    // 14 or 15 digits are an IMSI (ITU-T E.212); a number may still be as long
    const isImsi = /^\d{14,15}$/.test(subscriber);
    const number = isImsi ? `+${subscriber}` : (toE164(subscriber, region) ?? null);
    const home = visitors && visitorHome(subscriber, visitors);
    const visitor = home
      ? [visitorKey(phoneSecret, subscriber), home.network, home.country]
      : [null, null, null];
    return [subscriber, number, row.text('cell'), row.time('time'), ...visitor];
  },
  merge: mergePresence,
  largeTables: ['last_seen', 'visitors_seen'],
};

/** Keeps the newest sighting of each person. */
async function mergePresence(client: pg.PoolClient, _context: ImportContext) {
  await client.query(
    `create temp table import_resolved on commit drop as
     select g.line, d.subscriber_id, g.cell_id, g.seen_at
       from ${STAGING} g ${sightedSql('g.number')} where d.subscriber_id is not null`,
  );
  await client.query('analyze import_resolved');
  await client.query(
    `select count(*) from number_cells(array(select distinct cell_id from import_resolved))
      where not exists (select from cells)`,
  );
  await client.query(
    `insert into ${REFUSED} (line, reason)
     select line, 'subscriber has no subscription at that time' from ${STAGING} s
      where s.visitor_key is null
        and not exists (select from import_resolved r where r.line = s.line)
     union all
     select line, 'cell "' || cell_id || '" is not in the inventory' from import_resolved r
      where exists (select from cells) and not exists
        (select from cells c where c.cell_id = r.cell_id and c.valid_to = 'infinity')`,
  );
  const result = await client.query<{ inserted: number; updated: number }>(
    `with newest as materialized (
       select distinct on (subscriber_id) subscriber_id, cell_no, seen_at
         from import_resolved r join cell_numbers using (cell_id)
        where not exists (select from ${REFUSED} f where f.line = r.line)
        order by subscriber_id, seen_at desc, cell_no desc),
     ${KEEP_NEWEST}
     select (select count(*) from appeared)::int as inserted,
            (select count(*) from moved)::int as updated`,
  );
  const { inserted, updated } = result.rows[0] ?? { inserted: 0, updated: 0 };
  const seen = await mergeVisitors(client);
  return { inserted: inserted + seen.inserted, updated: updated + seen.updated };
}

/** Keeps the newest sighting of each phone of another network that is no subscription of ours. */
async function mergeVisitors(client: pg.PoolClient) {
  await client.query(
    `insert into ${REFUSED} (line, reason)
     select line, 'cell "' || cell_id || '" is not in the inventory' from ${STAGING} s
      where s.visitor_key is not null
        and not exists (select from cells c where c.cell_id = s.cell_id and c.valid_to = 'infinity')
        and not exists (select from import_resolved r where r.line = s.line)`,
  );
  const result = await client.query<{ inserted: number; updated: number }>(
    `with newest as (
       select distinct on (visitor_key) visitor_key, network, country, cell_no, seen_at
         from ${STAGING} s join cell_numbers using (cell_id)
        where s.visitor_key is not null
          and not exists (select from import_resolved r where r.line = s.line)
          and not exists (select from ${REFUSED} f where f.line = s.line)
        order by visitor_key, seen_at desc, cell_no desc),
     merged as (
       insert into visitors_seen as v (visitor_key, network, country, cell_no, seen_at)
       select visitor_key, network, country, cell_no, seen_at from newest
       on conflict (visitor_key) do update
         set cell_no = excluded.cell_no, seen_at = excluded.seen_at
         where excluded.seen_at > v.seen_at
           or excluded.seen_at = v.seen_at and excluded.cell_no > v.cell_no
       returning xmax = 0 as is_new)
     select count(*) filter (where is_new)::int as inserted,
            count(*) filter (where not is_new)::int as updated from merged`,
  );
  return result.rows[0] ?? { inserted: 0, updated: 0 };
}
