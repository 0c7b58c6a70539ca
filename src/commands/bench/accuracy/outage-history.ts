import { DateTime } from 'luxon';
import { magnitude, type PastRepair } from '../../../correlate/repair/past-repair.js';
import { openCsv } from '../../../sources/csv-rows.js';
import { unreadable } from '../../../sources/input-file.js';

/** Where the outages are: none of the times in the file is local. */
const ZONE = 'America/Los_Angeles';
const COLUMNS = [
  'cause',
  'lat',
  'lon',
  'start_utc',
  'first_seen_utc',
  'last_seen_utc',
  'customers_first',
  'etor_first_utc',
] as const;
type Column = (typeof COLUMNS)[number];

/** One outage as an observer of snapshots knew it when it was first seen, and what became of it. */
export interface Outage {
  /** traits hold what was known then only */
  readonly past: PastRepair;
  /** the cause as last stated, empty when none ever was: not known at first sight */
  readonly lastCause: string;
  /** the source's own first estimate, epoch ms; null when it never gave one */
  readonly announcedMs: number | null;
}

function moment(text: string): number {
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs)) throw new Error(`"${text}" is no time; allowed: ISO 8601`);
  return atMs;
}

interface Seen {
  readonly row: ReadonlyMap<Column, string>;
  readonly firstMs: number;
  readonly lastMs: number;
}

async function readRows(path: string): Promise<Seen[]> {
  const { header, rows } = await openCsv(path, ',', () => undefined);
  const at = COLUMNS.map((column) => [column, header.indexOf(column)] as const);
  const missing = at.filter(([, index]) => index < 0).map(([column]) => column);
  if (missing.length > 0) throw unreadable(path, new Error(`no column ${missing.join(', ')}`));
  const seen: Seen[] = [];
  for await (const { row: fields } of rows) {
    const row = new Map(at.map(([column, index]) => [column, fields[index] ?? '']));
    const firstMs = moment(row.get('first_seen_utc') ?? '');
    seen.push({ row, firstMs, lastMs: moment(row.get('last_seen_utc') ?? '') });
  }
  return seen.sort((a, b) => a.firstMs - b.firstMs);
}

/** Snapshot → how many outages it showed. */
function countSeen(seen: readonly Seen[], snapshots: readonly number[]): Map<number, number> {
  const change = new Map<number, number>();
  const add = (atMs: number, by: number): unknown => change.set(atMs, (change.get(atMs) ?? 0) + by);
  for (const { firstMs, lastMs } of seen) {
    add(firstMs, 1);
    add(lastMs + 1, -1);
  }
  let going = 0;
  const counts = new Map<number, number>();
  const moments = [...new Set([...change.keys(), ...snapshots])].sort((a, b) => a - b);
  for (const atMs of moments) {
    going += change.get(atMs) ?? 0;
    counts.set(atMs, going);
  }
  return counts;
}

function traitsOf(row: ReadonlyMap<Column, string>, going: number): Record<string, string> {
  const degree = (column: Column): number => Math.floor(Number(row.get(column)));
  return {
    customers: magnitude(Number(row.get('customers_first'))),
    going: magnitude(going),
    area: `${degree('lat')} ${degree('lon')}`,
  };
}

/**
 * Reads `incident-lifecycles/outages.csv` of the shared data. Snapshots are the moments at which any
 * outage was first or last seen; an outage ended between the last one that showed it and the next.
 * @returns outages in the order in which they were first seen
 * @throws TocsinError `input.file` when the file cannot be read or lacks a column
 */
export async function readOutages(path: string): Promise<Outage[]> {
  const seen = await readRows(path);
  const snapshots = [...new Set(seen.flatMap(({ firstMs, lastMs }) => [firstMs, lastMs]))];
  snapshots.sort((a, b) => a - b);
  const nextOf = new Map(snapshots.map((atMs, i) => [atMs, snapshots[i + 1] ?? null]));
  const going = countSeen(seen, snapshots);
  return seen.map(({ row, firstMs, lastMs }) => {
    const announced = row.get('etor_first_utc') ?? '';
    const startedAtMs = Math.min(firstMs, moment(row.get('start_utc') ?? ''));
    return {
      past: {
        startedAtMs,
        knownAtMs: firstMs,
        offsetMs: DateTime.fromMillis(firstMs, { zone: ZONE }).offset * 60_000,
        traits: traitsOf(row, going.get(firstMs) ?? 1),
        endedAfterMs: lastMs,
        endedByMs: nextOf.get(lastMs) ?? null,
      },
      lastCause: row.get('cause') ?? '',
      announcedMs: announced === '' ? null : moment(announced),
    };
  });
}
