declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** Id of the smallest monitored radio unit, as the inventory spells it, byte for byte. */
export type CellId = Branded<'CellId'>;
/** Id of a physical location that holds cells. */
export type SiteId = Branded<'SiteId'>;
/** Content-derived id of one incident; a split or reopened incident gets a new one. */
export type IncidentId = Branded<'IncidentId'>;
/** Root id that survives merge, split and reopen; what "told once" is counted by. */
export type LineageId = Branded<'LineageId'>;
/** E.164 phone number with its plus sign. Personal data: mask it before it is logged. */
export type Msisdn = Branded<'Msisdn'>;
/** Surrogate key of a subscription; carries no personal data. */
export type SubscriberId = number;

export const cellId = (text: string): CellId => text as CellId;
export const siteId = (text: string): SiteId => text as SiteId;
export const incidentId = (text: string): IncidentId => text as IncidentId;
export const lineageId = (text: string): LineageId => text as LineageId;
export const msisdn = (e164: string): Msisdn => e164 as Msisdn;

/** What a monitored object is; the part before the slash of an object key. */
export type ObjectType = 'cell' | 'site' | 'link' | 'function';

const PRIME = 0x01000193;

function fnv1a(text: string, seed: number): number {
  let hash = seed >>> 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    hash = Math.imul(hash ^ (unit & 0xff), PRIME);
    hash = Math.imul(hash ^ (unit >>> 8), PRIME);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * Id derived from content, so that reading the same input again names the same thing.
 * Four 32-bit FNV-1a passes with different seeds, finished as in MurmurHash3 (128 bits, not
 * cryptographic): never use it for personal data, whose ids are keyed.
 *
 * @param prefix short kind marker, kept readable in front of the hash, such as `inc`
 * @param parts the content, joined with a separator that ids cannot hold
 */
export function contentId(prefix: string, ...parts: readonly (string | number)[]): string {
  const text = parts.join('\u001f');
  let hex = '';
  for (const seed of [0x811c9dc5, 0x1b873593, 0xcc9e2d51, 0x9e3779b9]) {
    hex += fnv1a(text, seed).toString(16).padStart(8, '0');
  }
  return `${prefix}_${hex.slice(0, 24)}`;
}

/** Shard of an object: stable over restarts and machines. @returns integer in [0, shards) */
export function shardOf(objectId: string, shards: number): number {
  return fnv1a(objectId, 0x811c9dc5) % shards;
}
