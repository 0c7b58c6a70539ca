import type pg from 'pg';
import { MEDIA, type Media, queueName } from '../../domain/media.js';
import { affected, type ImportKind, refuse, STAGING } from './import-kind.js';
import type { RowReader } from './import-row.js';
import { mergePlain } from './import-topology.js';
import { dropSingleCalls, refuseDoubleTotals } from './import-totals.js';
import { callHistoryFacts } from './import-versions.js';
import { phoneKey } from './phone-key.js';
import { toE164 } from './phone-number.js';

const DAY_SECONDS = 86_400;
/** As for calls that are pushed: a greater figure is a mistake of the source. */
const MOST = 10_000_000;

/** Where imported calls go, whatever format they came in. */
export const CALLS_TABLE = {
  table: 'calls',
  key: ['queue', 'area', 'starts_at', 'interval_seconds'],
  attributes: [
    'media',
    'ivr_offered',
    'ivr_contained',
    'offered',
    'answered',
    'abandoned',
    'handle_seconds',
  ],
} as const;

export const calls: ImportKind = {
  columns: [
    ['queue'],
    ['media', 'media_type'],
    ['area'],
    ['start', 'time', 'starts_at'],
    ['interval_seconds', 'interval'],
    ['ivr_offered'],
    ['ivr_contained'],
    ['offered', 'calls'],
    ['answered'],
    ['abandoned'],
    ['handle_seconds', 'aht'],
  ],
  required: [['start'], ['offered']],
  staging:
    'queue text, media text, area text, starts_at timestamptz, interval_seconds float8, ivr_offered float8, ivr_contained float8, offered float8, answered float8, abandoned float8, handle_seconds float8',
  key: ['queue', 'area', 'starts_at', 'interval_seconds'],
  read: (row) => [
    ...queueFields(row),
    row.optional('area', 128) ?? '',
    row.time('start'),
    row.optionalNumber('interval_seconds', 60, DAY_SECONDS),
    row.optionalNumber('ivr_offered', 0, MOST),
    row.optionalNumber('ivr_contained', 0, MOST),
    row.number('offered', 0, MOST),
    row.optionalNumber('answered', 0, MOST),
    row.optionalNumber('abandoned', 0, MOST),
    row.optionalNumber('handle_seconds', 0, DAY_SECONDS),
  ],
  merge: async (client) => {
    await inferInterval(client, ['queue', 'area']);
    await refuseDoubleTotals(client);
    await dropSingleCalls(client);
    return mergePlain(client, CALLS_TABLE);
  },
  facts: callHistoryFacts,
};

/** Name and media of a row's queue. */
export function queueFields(row: RowReader): [name: string, media: Media] {
  const media = row.oneOf('media', MEDIA, 'voice') as Media;
  return [queueName(row.optional('queue', 128) ?? 'default', media), media];
}

/**
 * A file that does not say how long its intervals are: the commonest step from one time to the next
 * of a series.
 * @param series columns that tell one from another
 */
export async function inferInterval(
  client: pg.PoolClient,
  series: readonly string[],
): Promise<void> {
  const own = series.join(', ');
  await client.query(
    `with steps as (
       select extract(epoch from starts_at - lag(starts_at) over w) as step
         from ${STAGING} where interval_seconds is null
       window w as (partition by ${own} order by starts_at)),
     usual as (select mode() within group (order by step) as seconds from steps where step > 0)
     update ${STAGING} set interval_seconds = usual.seconds from usual
      where interval_seconds is null`,
  );
  await refuse(
    client,
    `s.interval_seconds is null or s.interval_seconds not between 60 and ${DAY_SECONDS}
       or s.interval_seconds <> round(s.interval_seconds)`,
    `'the length of the interval is not given and does not follow from the times: add a column interval_seconds'`,
  );
}

export const roster: ImportKind = {
  columns: [
    ['queue'],
    ['media', 'media_type'],
    ['start', 'time', 'starts_at'],
    ['interval_seconds', 'interval'],
    ['agents', 'rostered'],
  ],
  required: [['start'], ['agents']],
  staging: 'queue text, starts_at timestamptz, interval_seconds float8, agents float8',
  key: ['queue', 'starts_at'],
  read: (row) => [
    queueFields(row)[0],
    row.time('start'),
    row.optionalNumber('interval_seconds', 60, DAY_SECONDS) ?? 1800,
    row.number('agents', 0, 1_000_000),
  ],
  merge: async (client) => {
    await refuseOverlaps(client);
    return mergePlain(client, {
      table: 'roster',
      key: ['queue', 'starts_at'],
      attributes: ['interval_seconds', 'agents'],
    });
  },
};

/** Agents of a queue at one moment are those of one row: a second one would say otherwise. */
async function refuseOverlaps(client: pg.PoolClient): Promise<void> {
  await refuse(
    client,
    's.interval_seconds <> round(s.interval_seconds)',
    `'interval_seconds was ' || s.interval_seconds || ', allowed: whole seconds'`,
  );
  await client.query(
    `create temp table roster_overlaps on commit drop as
     select line, before from (
       select line, starts_at, lag(line) over w as before,
              lag(starts_at + make_interval(secs => interval_seconds)) over w as busy_until
         from ${STAGING} window w as (partition by queue order by starts_at)) as each
      where starts_at < busy_until`,
  );
  await refuse(
    client,
    's.line in (select line from roster_overlaps)',
    `'overlaps line ' || (select before from roster_overlaps o where o.line = s.line) || ' of the same queue: add their agents up'`,
  );
  await refuse(
    client,
    `exists (select from roster r where r.queue = s.queue and r.starts_at <> s.starts_at
       and r.starts_at < s.starts_at + make_interval(secs => s.interval_seconds)
       and r.starts_at > s.starts_at - interval '1 day'
       and r.starts_at + make_interval(secs => r.interval_seconds) > s.starts_at
       and not exists (select from ${STAGING} n where n.queue = r.queue and n.starts_at = r.starts_at))`,
    `'overlaps a row that was imported before and starts at another time: import that one again with 0 agents, or the same starts'`,
  );
}

export const optouts: ImportKind = {
  columns: [['msisdn', 'number', 'phone', 'contact']],
  required: [['msisdn']],
  staging: 'phone_key bytea',
  key: ['phone_key'],
  read: (row, { phoneSecret, region }) => {
    const text = row.text('msisdn', 40);
    const number = toE164(text, region);
    if (number === undefined) row.reject('msisdn is not a phone number');
    return [phoneKey(phoneSecret, number ?? '')];
  },
  merge: async (client) => ({
    inserted: await affected(
      client,
      `insert into opt_outs (phone_key, source) select phone_key, 'import' from ${STAGING}
       on conflict do nothing`,
    ),
    updated: 0,
  }),
};
