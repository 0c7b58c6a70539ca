import type pg from 'pg';
import { MEDIA, type Media, queueName } from '../../domain/media.js';
import { CALLS_TABLE } from './import-calls.js';
import { type ImportKind, STAGING } from './import-kind.js';
import { mergePlain } from './import-topology.js';
import { callHistoryFacts } from './import-versions.js';

const MOST = 10_000_000;
const DAY_SECONDS = 86_400;
const QUARTER_MS = 900_000;

/**
 * The historical data file of Genesys Cloud: quarter hours in UTC, one row for each queue, media,
 * skill set and language, which are added up. `Interactions Handled` are the answered ones; the mean
 * handle time is the total over them. Source: help.mypurecloud.com, "Prepare the historical data
 * import .csv file".
 */
export const genesysCalls: ImportKind = {
  columns: [
    ['start', 'Interval Start UTC Date'],
    ['queue'],
    ['media', 'Media Type'],
    ['skill_set'],
    ['language'],
    ['offered'],
    ['handled', 'Interactions Handled'],
    ['total_handle_seconds', 'Total Handle Time (Seconds)', 'Total Handle Time'],
  ],
  required: [['start'], ['queue'], ['media'], ['offered']],
  staging:
    'queue text, media text, skill_set text, language text, starts_at timestamptz, offered float8, handled float8, total_seconds float8',
  key: ['queue', 'skill_set', 'language', 'starts_at'],
  read: (row) => {
    const media = row.oneOf('media', MEDIA, '') as Media;
    const start = row.time('start');
    if (Date.parse(start) % QUARTER_MS !== 0) {
      row.reject(`start was "${start}", allowed: a quarter hour, as 2026-05-31T14:15:00Z`);
    }
    const handled = row.optionalNumber('handled', 0, MOST);
    const seconds = row.optionalNumber('total_handle_seconds', 0, MOST * DAY_SECONDS);
    if ((seconds ?? 0) > (handled ?? 0) * DAY_SECONDS) {
      row.reject(
        `total_handle_seconds was "${seconds}" for ${handled ?? 0} handled, allowed: a day each`,
      );
    }
    return [
      queueName(row.text('queue', 128), media),
      media,
      row.optional('skill_set', 1024) ?? '',
      row.optional('language', 128) ?? '',
      start,
      row.number('offered', 0, MOST),
      handled,
      seconds,
    ];
  },
  merge: async (client) => {
    const joined = await addUp(client);
    return { ...(await mergePlain(client, CALLS_TABLE)), joined };
  },
  facts: callHistoryFacts,
};

/** Leaves one row for each queue and quarter hour in staging. @returns how many went into another */
async function addUp(client: pg.PoolClient): Promise<number> {
  const { rows } = await client.query<{ joined: number }>(
    `select (count(*) - count(distinct (queue, starts_at)))::int as joined from ${STAGING}`,
  );
  await client.query(
    `create temp table genesys_sums on commit drop as
     select min(line) as line, queue, min(media) as media, '' as area, starts_at,
            900 as interval_seconds, null::float8 as ivr_offered, null::float8 as ivr_contained,
            sum(offered) as offered, sum(handled) as answered, null::float8 as abandoned,
            sum(total_seconds) / nullif(sum(handled), 0) as handle_seconds
       from ${STAGING} group by queue, starts_at;
     drop table ${STAGING};
     alter table genesys_sums rename to ${STAGING}`,
  );
  return rows[0]?.joined ?? 0;
}
