import { createHmac } from 'node:crypto';

/**
 * Keyed fingerprint of a phone number: what tables other than `subscriber_identifiers` know it by.
 * @param secret kept outside the database: without it numbers cannot be tried one by one
 * @param e164 with its plus sign
 * @returns 32 bytes, HMAC-SHA-256 (RFC 2104)
 */
export function phoneKey(secret: string, e164: string): Buffer {
  return createHmac('sha256', secret).update(e164).digest();
}

/** As `phoneKey`, for an IMSI; the two never collide. */
export function imsiKey(secret: string, imsi: string): Buffer {
  return createHmac('sha256', secret).update(`imsi:${imsi}`).digest();
}
