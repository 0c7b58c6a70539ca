/**
 * Identities that belong to nobody.
 *
 * Numbers: +33 6 39 98 00 00 to 99 99 are what Arcep's numbering plan keeps for fiction; that is
 * 10,000. Larger populations go on through the rest of +33 6 39: national 06 39 is Mayotte, whose
 * country code is 262, so no phone answers +33 6 39. IMSIs are of the test network 001 01.
 */
const BLOCK = '+33639';
const FIRST = 980_000;
const SIZE = 1_000_000;

/** Greatest number of subscribers that have a number each. */
export const MAX_SUBSCRIBERS = SIZE;

/** E.164 number of a subscriber; the first 10,000 are those kept for fiction. */
export function msisdnOf(subscriber: number): string {
  return BLOCK + String((FIRST + subscriber) % SIZE).padStart(6, '0');
}

/** The subscriber with that number, or -1 when it is not of the simulation. */
export function subscriberOf(msisdn: string): number {
  if (!msisdn.startsWith(BLOCK) || msisdn.length !== BLOCK.length + 6) return -1;
  const tail = Number(msisdn.slice(BLOCK.length));
  return Number.isInteger(tail) ? (tail - FIRST + SIZE) % SIZE : -1;
}

/** IMSI of the test network: 001 01 and ten digits. */
export function imsiOf(subscriber: number): string {
  return `00101${String(subscriber + 1).padStart(10, '0')}`;
}

/** Account number as the CRM spells it. */
export function accountOf(account: number): string {
  return `K${String(account + 100_001).padStart(8, '0')}`;
}
