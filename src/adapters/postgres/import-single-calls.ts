import type pg from 'pg';
import { CALLS_TABLE, queueFields } from './import-calls.js';
import { type ImportKind, refuse, STAGING } from './import-kind.js';
import { mergePlain } from './import-topology.js';
import { callHistoryFacts } from './import-versions.js';
import { countsInstead, singleUnder, totalOver } from './single-calls-sql.js';

const DAY_SECONDS = 86_400;
const STEP = `interval '5 minutes'`;
const OUTCOMES = ['answered', 'abandoned'];

/**
 * Single calls, one a row: they are added up by queue, area and 5 minutes. A queue that has totals of
 * the same time keeps those, and the calls are refused by name: nothing is counted twice. Five minutes
 * without a call between a queue's first and last call of a day had none; others are not known.
 * The caller's number may stand there and is not read.
 */
export const singleCalls: ImportKind = {
  columns: [
    ['time', 'start', 'at'],
    ['queue'],
    ['media', 'media_type'],
    ['call_id', 'id'],
    ['area'],
    ['caller', 'number'],
    ['outcome', 'result'],
    ['handle_seconds', 'aht'],
  ],
  required: [['time']],
  staging:
    'queue text, media text, area text, starts_at timestamptz, call_id text, outcome text, handle_seconds float8',
  key: [],
  read: (row) => {
    const outcome = row.optional('outcome');
    return [
      ...queueFields(row),
      row.optional('area', 128) ?? '',
      row.time('time'),
      row.optional('call_id'),
      outcome === null ? null : row.oneOf('outcome', OUTCOMES, 'answered'),
      row.optionalNumber('handle_seconds', 0, DAY_SECONDS),
    ];
  },
  merge: async (client) => {
    await refuseKnownIds(client);
    await refuseTotals(client);
    const joined = await addUp(client);
    await dropLiveCalls(client);
    const target = { ...CALLS_TABLE, attributes: [...CALLS_TABLE.attributes, 'from_single'] };
    return { ...(await mergePlain(client, target)), joined };
  },
  facts: callHistoryFacts,
};

async function refuseKnownIds(client: pg.PoolClient): Promise<void> {
  await client.query(
    `create temp table repeated_calls on commit drop as
     select line, first from (select line, min(line) over (partition by queue, call_id) as first
       from ${STAGING} where call_id is not null) as each where line > first`,
  );
  await refuse(
    client,
    's.line in (select line from repeated_calls)',
    `'call_id is that of line ' || (select first from repeated_calls r where r.line = s.line)`,
  );
}

async function refuseTotals(client: pg.PoolClient): Promise<void> {
  const total = `from calls c where ${totalOver('c', 's', 's.starts_at')}`;
  await refuse(
    client,
    `exists (select ${total})`,
    `(select ${countsInstead('s', 'c')} ${total} limit 1)`,
  );
}

/** A file of single calls has the last word on its time: what was counted live goes. */
async function dropLiveCalls(client: pg.PoolClient): Promise<void> {
  await client.query(
    `delete from calls c using ${STAGING} s where ${singleUnder('c', 's')} and c.interval_seconds = 60`,
  );
}

/** Leaves totals of 5 minutes in staging. @returns how many rows went into another */
async function addUp(client: pg.PoolClient): Promise<number> {
  const { rows } = await client.query<{ rows: number }>(
    `select count(*)::int as rows from ${STAGING}`,
  );
  await client.query(
    `create temp table single_sums on commit drop as
     with sums as (
       select min(line) as line, queue, min(media) as media, area,
         date_bin(${STEP}, starts_at, timestamptz 'epoch') as starts_at, count(*)::float8 as offered,
         nullif(count(*) filter (where outcome = 'answered'), 0)::float8 as answered,
         case when count(outcome) > 0 then count(*) filter (where outcome = 'abandoned') end::float8
           as abandoned,
         avg(handle_seconds) as handle_seconds
       from ${STAGING} group by queue, area, 5
     ), days as (
       select queue, min(line) as line, min(media) as media, min(starts_at) as first,
         max(starts_at) as last
       from sums group by queue, date_trunc('day', starts_at)
     ), none as (
       select d.line, d.queue, d.media, each as starts_at
       from days d, generate_series(d.first, d.last, ${STEP}) as each
       where not exists (select from sums s where s.queue = d.queue and s.starts_at = each)
         and not exists (select from calls c where ${totalOver('c', 'd', 'each')})
     )
     select line, queue, media, area, starts_at, 300 as interval_seconds,
       null::float8 as ivr_offered, null::float8 as ivr_contained, offered, answered, abandoned,
       handle_seconds, true as from_single from sums
     union all
     select line, queue, media, '', starts_at, 300, null, null, 0, null, null, null, true from none;
     drop table ${STAGING};
     alter table single_sums rename to ${STAGING}`,
  );
  const left = await client.query<{ rows: number }>(
    `select count(*)::int as rows from ${STAGING} where offered > 0`,
  );
  return (rows[0]?.rows ?? 0) - (left.rows[0]?.rows ?? 0);
}
