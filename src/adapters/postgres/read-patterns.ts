import type pg from 'pg';
import type { CallPatternItem, PatternVersionItem } from '../../api/ports.js';
import { query } from './pool.js';

const DAY_MS = 86_400_000;
/** Most versions of a queue that are listed. */
const LISTED = 30;

interface VersionRow {
  queue: string;
  version: number;
  learnt_at: Date;
  from_day: number | null;
  to_day: number | null;
  why: PatternVersionItem['why'];
  weights: Record<string, number>;
  record: Pick<PatternVersionItem, 'recentWape' | 'usualWape' | 'recentBias'> & {
    readonly hasDrifted: boolean;
  };
  is_kept: boolean;
}

interface PinRow {
  queue: string;
  version: number;
  until_day: number;
  by_name: string;
  why: string;
  at: Date;
}

/** $1 queue or null, $2 how many of each */
const VERSIONS = `
  select queue, version, learnt_at, from_day, to_day, why, weights, record, fit is not null as is_kept
  from (select *, row_number() over (partition by queue order by version desc) as n
          from call_patterns where $1::text is null or queue = $1) as each
  where n <= $2 order by queue, version desc`;

/** $1 queue or null, $2 since: error of forecasts as issued a day ahead */
const ISSUED = `
  select queue, sum(abs(j.actual - s.median)) / nullif(sum(j.actual), 0) as wape
  from forecast_scores s join forecast_judged j using (queue, starts_at)
  where ($1::text is null or queue = $1) and j.starts_at >= $2 and s.lead_seconds = 86400
    and not j.in_incident group by queue`;

/** Call patterns by queue, as they stand at a network time. */
export async function readPatterns(
  pool: pg.Pool,
  queue: string | undefined,
  nowMs: number,
): Promise<CallPatternItem[]> {
  const asked = queue ?? null;
  const [versions, pins, issued] = await Promise.all([
    query<VersionRow>(pool, VERSIONS, [asked, LISTED]),
    query<PinRow>(
      pool,
      `select queue, version, until_day, by_name, why, at from call_pattern_pins
        where until_day >= $1`,
      [Math.floor(nowMs / DAY_MS)],
    ),
    query<{ queue: string; wape: number | null }>(pool, ISSUED, [
      asked,
      new Date(nowMs - 14 * DAY_MS),
    ]),
  ]);
  const names = [...new Set(versions.rows.map((row) => row.queue))];
  return names.map((name) =>
    itemOf(
      versions.rows.filter((row) => row.queue === name),
      pins.rows.find((row) => row.queue === name),
      issued.rows.find((row) => row.queue === name)?.wape ?? null,
    ),
  );
}

function itemOf(
  rows: readonly VersionRow[],
  pin: PinRow | undefined,
  issuedWape: number | null,
): CallPatternItem {
  const newest = rows[0];
  const inUse = pin?.version ?? newest?.version ?? 0;
  const { recentWape = null, usualWape = null, hasDrifted = false } = newest?.record ?? {};
  const times = recentWape !== null && usualWape ? recentWape / usualWape : null;
  return {
    queue: newest?.queue ?? '',
    inUse,
    previousVersion: rows.find((row) => row.version < inUse && row.is_kept)?.version ?? null,
    putBack: pin
      ? { by: pin.by_name, why: pin.why, at: pin.at.toISOString(), until: dateOf(pin.until_day) }
      : null,
    drift: { hasDrifted, times, issuedWape, done: doneAbout(hasDrifted, pin !== undefined) },
    versions: rows.map(versionOf),
  };
}

function doneAbout(hasDrifted: boolean, isPutBack: boolean): string {
  const nightly = isPutBack
    ? 'It is put back: newer versions are learnt every night and not used.'
    : 'It is learnt anew every night.';
  if (!hasDrifted) return nightly;
  return `${nightly} Models that foretold best of late count most, bands widen to what happens, and where the last eight weeks alone foretell better, older days are left out. Look for days that lack calls, other opening hours, another routing of calls, and holidays that rules/forecast.yaml does not name.`;
}

function versionOf(row: VersionRow): PatternVersionItem {
  const { recentWape, usualWape, recentBias } = row.record;
  return {
    version: row.version,
    learntAt: row.learnt_at.toISOString(),
    from: row.from_day === null ? null : dateOf(row.from_day),
    to: row.to_day === null ? null : dateOf(row.to_day),
    why: row.why,
    weights: row.weights,
    recentWape,
    usualWape,
    recentBias,
    isKept: row.is_kept,
  };
}

function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
