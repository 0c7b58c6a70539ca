import { promisify } from 'node:util';
import { deflateRaw, inflateRawSync } from 'node:zlib';
import type pg from 'pg';
import type { OperatorAct } from '../../domain/facts.js';
import type { PatternFit } from '../../forecast/ordinary/pattern-fit.js';
import {
  type KeptPattern,
  type LearntPattern,
  lastDayOf,
  type PatternTurn,
  type PinnedPattern,
} from '../../forecast/ordinary/pattern-version.js';
import { query } from './pool.js';

const deflated = promisify(deflateRaw);
const DAY_MS = 86_400_000;
/** So many versions of a queue can be gone back to; of older ones only what they were is kept. */
export const KEPT_FITS = 10;
/** Versions of more than a year. */
const KEPT_VERSIONS = 400;

interface FitRow {
  queue: string;
  version: number;
  origin_day: number;
  settings: string;
  fit: Buffer;
  until_day: number | null;
}

/** The newest version of each queue, and the one it was put back to. */
export async function loadPatterns(pool: pg.Pool): Promise<KeptPattern[]> {
  const { rows } = await query<FitRow>(
    pool,
    `select p.queue, p.version, p.origin_day, p.settings, p.fit, null::int as until_day
       from (select queue, max(version) as version from call_patterns group by queue) as newest
       join call_patterns p using (queue, version) where p.fit is not null
     union all
     select p.queue, p.version, p.origin_day, p.settings, p.fit, n.until_day
       from call_pattern_pins n join call_patterns p using (queue, version) where p.fit is not null`,
  );
  const pins = new Map(rows.flatMap((row) => (row.until_day === null ? [] : [[row.queue, row]])));
  return rows
    .filter(({ until_day }) => until_day === null)
    .map((row) => {
      const { queue, version, origin_day: originDay } = row;
      const newest = { version, originDay, settings: JSON.parse(row.settings), fit: fitOf(row) };
      const pin = pins.get(queue);
      return { queue, newest, pinned: pin && pinnedOf(pin) };
    });
}

/** Keeps versions that were taken over; one that is kept already is left as it is. */
export async function savePatterns(
  client: pg.ClientBase,
  patterns: readonly LearntPattern[],
  { nowMs, epoch }: { readonly nowMs: number; readonly epoch: number },
): Promise<void> {
  for (const { queue, version, originDay, settings, fit, why, from, to } of patterns) {
    const packed = await deflated(JSON.stringify(fit));
    const { weights, record } = fit;
    await client.query(
      `insert into call_patterns (queue, version, origin_day, learnt_at, from_day, to_day, why,
         settings, weights, record, fit, leader_epoch)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing`,
      [
        queue,
        version,
        originDay,
        new Date(nowMs),
        from ?? null,
        to ?? null,
        why,
        JSON.stringify(settings),
        JSON.stringify(weights),
        JSON.stringify(record),
        packed,
        epoch,
      ],
    );
    await client.query(
      `update call_patterns c set fit = null where queue = $1 and version <= $2 and fit is not null
         and not exists (select from call_pattern_pins p
                         where p.queue = c.queue and p.version = c.version)`,
      [queue, version - KEPT_FITS],
    );
    await client.query('delete from call_patterns where queue = $1 and version <= $2', [
      queue,
      version - KEPT_VERSIONS,
    ]);
  }
}

/**
 * What an act makes of the patterns in use: `revertPattern` puts a queue, or all, back to the version
 * before the one in use; `resumePattern` takes the newest again. Queues without such a version stay.
 * @returns the queues that changed
 */
export async function turnPatterns(
  client: pg.ClientBase,
  act: OperatorAct,
): Promise<PatternTurn[]> {
  if (act.action === 'resumePattern') {
    const { rows } = await client.query<{ queue: string }>(
      'delete from call_pattern_pins where $1::text is null or queue = $1 returning queue',
      [act.queue ?? null],
    );
    return rows.map(({ queue }) => ({ queue, pinned: undefined }));
  }
  if (act.action !== 'revertPattern') return [];
  const { rows } = await client.query<FitRow>(BEFORE, [
    act.queue ?? null,
    Math.floor(Date.parse(act.at) / DAY_MS),
  ]);
  const turns: PatternTurn[] = [];
  for (const row of rows) {
    const pinned = pinnedOf({ ...row, until_day: lastDayOf(fitOf(row)) });
    const { queue } = row;
    turns.push({ queue, pinned });
    const values = [queue, pinned.version, pinned.untilDay, act.actId, act.actor, act.why, act.at];
    await client.query(PIN, values);
  }
  return turns;
}

/** $1 queue or null, $2 UTC day: of each queue the newest version before the one in use that has a fit */
const BEFORE = `
  select distinct on (c.queue) c.queue, c.version, c.origin_day, c.settings, c.fit,
    null::int as until_day
  from call_patterns c
  join (select p.queue, coalesce(min(n.version), max(p.version)) as version
          from call_patterns p
          left join call_pattern_pins n on n.queue = p.queue and n.until_day >= $2
         where $1::text is null or p.queue = $1 group by p.queue) as used
    on used.queue = c.queue and c.version < used.version
  where c.fit is not null order by c.queue, c.version desc`;

const PIN = `
  insert into call_pattern_pins (queue, version, until_day, act_id, by_name, why, at)
  values ($1, $2, $3, $4, $5, $6, $7)
  on conflict (queue) do update set version = excluded.version, until_day = excluded.until_day,
    act_id = excluded.act_id, by_name = excluded.by_name, why = excluded.why, at = excluded.at`;

function fitOf({ fit }: Pick<FitRow, 'fit'>): PatternFit {
  return JSON.parse(inflateRawSync(fit).toString()) as PatternFit;
}

function pinnedOf(row: FitRow): PinnedPattern {
  const { version, until_day: untilDay } = row;
  return { version, fit: fitOf(row), untilDay: untilDay ?? Number.NEGATIVE_INFINITY };
}
