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
