import type { MessageState } from '../../domain/customer.js';
import type { SendResult } from '../../notify/ports.js';

/** Slower, please: ESME_RMSGQFUL, ESME_RTHROTTLED. */
const TOO_FAST = new Set([0x14, 0x58]);
/** How long nothing is handed over after that: SMPP says no time. */
const THROTTLED_MS = 1_000;
/**
 * The centre or our account is in trouble, not the message: command length and id, bind state, system
 * error, source address, bind, service and system type, submit failed, temporary error of the receiver.
 */
const NOT_THE_MESSAGE = new Set([
  0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x0a, 0x0d, 0x0e, 0x0f, 0x15, 0x45, 0x48, 0x49, 0x53,
  0x61, 0x62, 0x64,
]);

/** message_state of SMPP 3.4, 5.2.28, and the words of receipts in its appendix B. */
const STATES: Readonly<Record<string, MessageState>> = {
  1: 'accepted',
  2: 'delivered',
  3: 'failed',
  4: 'failed',
  5: 'failed',
  6: 'accepted',
  8: 'failed',
  ENROUTE: 'accepted',
  ACCEPTD: 'accepted',
  ACCEPTED: 'accepted',
  DELIVRD: 'delivered',
  DELIVERED: 'delivered',
  EXPIRED: 'failed',
  DELETED: 'failed',
  UNDELIV: 'failed',
  REJECTD: 'failed',
};

/** What a message_state or the word after `stat:` means; null for UNKNOWN and words we do not know. */
export function stateOfSmpp(word: string | number): MessageState | null {
  return STATES[String(word).toUpperCase()] ?? null;
}

/** `smpp.58` for command_status 0x58. */
export function smppReason(status: number): string {
  return `smpp.${status.toString(16).padStart(2, '0')}`;
}

/**
 * What a negative submit_sm_resp means for the message: it surely was not taken.
 * @param optedOut statuses by which this centre refuses people who opted out
 */
export function refusalOf(status: number, optedOut: readonly number[]): SendResult {
  const reason = smppReason(status);
  if (optedOut.includes(status)) return { status: 'refused', reason, isOptOut: true };
  if (TOO_FAST.has(status)) {
    return { status: 'busy', reason, retryAfterMs: THROTTLED_MS, isOutage: false };
  }
  if (NOT_THE_MESSAGE.has(status)) {
    return { status: 'busy', reason, retryAfterMs: null, isOutage: true };
  }
  return { status: 'refused', reason, isOptOut: false };
}
