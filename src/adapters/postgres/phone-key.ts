import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

let last: { readonly secret: string; readonly key: KeyObject } | undefined;

/** An installation has one secret: making a key of it takes as long as using it. */
function keyOf(secret: string): KeyObject {
  if (last?.secret !== secret) last = { secret, key: createSecretKey(Buffer.from(secret)) };
  return last.key;
}

/**
 * Keyed fingerprint of a phone number: what tables other than `subscriber_identifiers` know it by.
 * @param secret kept outside the database: without it numbers cannot be tried one by one
 * @param e164 with its plus sign
 * @returns 32 bytes, HMAC-SHA-256 (RFC 2104)
 */
export function phoneKey(secret: string, e164: string): Buffer {
  return createHmac('sha256', keyOf(secret)).update(e164).digest();
}

/** As `phoneKey`, for an IMSI; the two never collide. */
export function imsiKey(secret: string, imsi: string): Buffer {
  return createHmac('sha256', keyOf(secret)).update(`imsi:${imsi}`).digest();
}
