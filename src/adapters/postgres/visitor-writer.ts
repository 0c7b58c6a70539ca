import { createHmac } from 'node:crypto';
import type pg from 'pg';
import type { Presence } from '../../domain/facts.js';
import { type VisitorRules, visitorHome } from '../../impact/visitors.js';
import { prepared } from './prepared.js';
import { APPLY_VISITORS } from './visitor-sql.js';

/** Sightings with the numbers of their cells; null: the inventory does not have it. */
export interface NumberedSightings {
  readonly items: readonly Presence[];
  readonly cells: readonly (number | null)[];
}

type Outcome = 'ours' | 'future' | 'unknownCell' | 'visitors';

/** What became of sightings of phones that are not ours, and what is left: those that may be. */
export interface VisitorCounts {
  readonly visitors: number;
  readonly future: number;
  readonly unknownCell: number;
  readonly rest: NumberedSightings;
}

const FINGERPRINT_BYTES = 16;

/** Keyed fingerprint of a visitor's identifier; never that of a subscriber's number or IMSI. */
export function visitorKey(secret: string, identifier: string): Buffer {
  const digest = createHmac('sha256', secret)
    .update(`visitor:${identifier.replace(/^\+/, '')}`)
    .digest();
  return digest.subarray(0, FINGERPRINT_BYTES);
}

/** Takes the sightings of visitors out of some. Applying them again changes nothing. */
export async function applyVisitors(
  pool: pg.Pool,
  { items, cells }: NumberedSightings,
  { rules, secret, limit }: { rules: VisitorRules; secret: string; limit: Date },
): Promise<VisitorCounts> {
  const homes = items.map(({ subscriber }) => visitorHome(subscriber, rules));
  const abroad = homes.flatMap((home, at) => (home === undefined ? [] : [{ home, at }]));
  const none = { visitors: 0, future: 0, unknownCell: 0, rest: { items, cells } };
  if (abroad.length === 0) return none;
  const { rows } = await prepared<{ outcome: Outcome }>(pool, APPLY_VISITORS, [
    abroad.map(({ at }) => items[at]?.subscriber),
    abroad.map(({ at }) => visitorKey(secret, items[at]?.subscriber ?? '')),
    abroad.map(({ home }) => home.network),
    abroad.map(({ home }) => home.country),
    abroad.map(({ at }) => cells[at]),
    abroad.map(({ at }) => items[at]?.time),
    limit,
  ]);
  const taken = new Set(abroad.filter((_, n) => rows[n]?.outcome !== 'ours').map(({ at }) => at));
  const count = (what: Outcome): number => rows.filter(({ outcome }) => outcome === what).length;
  return {
    visitors: count('visitors'),
    future: count('future'),
    unknownCell: count('unknownCell'),
    rest: {
      items: items.filter((_, at) => !taken.has(at)),
      cells: cells.filter((_, at) => !taken.has(at)),
    },
  };
}
