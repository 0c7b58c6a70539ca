import type { SenderKind } from './policy-channels.js';

/** Digits beyond which a number is no short code. */
const LONGEST_SHORT_CODE = 6;

/**
 * What a sender's address is: a name, which nobody can answer, a number, or a short code. A number has
 * a plus sign or more than six digits.
 */
export function senderKindOf(from: string): SenderKind {
  const address = from.replace(/[\s().-]/g, '');
  if (!/^\+?\d+$/.test(address)) return 'alphanumeric';
  return address.startsWith('+') || address.length > LONGEST_SHORT_CODE
    ? 'longNumber'
    : 'shortCode';
}
