import type { MessageState } from '../domain/customer.js';

const ALLOWED: Readonly<Record<MessageState, readonly MessageState[]>> = {
  pending: ['accepted', 'delivered', 'failed'],
  claimed: ['accepted', 'delivered', 'failed', 'uncertain'],
  accepted: ['delivered', 'failed'],
  uncertain: ['accepted', 'delivered', 'failed'],
  delivered: [],
  failed: [],
  suppressed: [],
};

/**
 * Where a message stands after the gateway said something of it. Final states are never left, and
 * nothing goes back; `uncertain` ends when the gateway is heard of after all. So does `pending`, for a
 * message that was handed over before and is about to be so again: the caller makes sure of that.
 */
export function afterReceipt(current: MessageState, reported: MessageState): MessageState {
  return ALLOWED[current].includes(reported) ? reported : current;
}
