import type { MessageState } from '../../domain/customer.js';
import type { ReceiptInput } from '../../notify/ports.js';

/** Twilio's message statuses (Message resource, `status`), ours on the right. */
const STATES: Readonly<Record<string, MessageState>> = {
  accepted: 'accepted',
  scheduled: 'accepted',
  queued: 'accepted',
  sending: 'accepted',
  sent: 'accepted',
  delivered: 'delivered',
  read: 'delivered',
  undelivered: 'failed',
  failed: 'failed',
  canceled: 'failed',
};

/** Twilio's error 21610: the recipient has opted out at the gateway. */
const OPTED_OUT = '21610';

/** What Twilio's status and error code mean; `state` is null for a word we do not know. */
export function readTwilioStatus(
  status: string,
  errorCode: string | null,
): Pick<ReceiptInput, 'state' | 'isOptOut'> {
  return { state: STATES[status.toLowerCase()] ?? null, isOptOut: errorCode === OPTED_OUT };
}
