import { messageOf } from '../../domain/errors.js';
import type { SendResult } from '../../notify/ports.js';
import { errorCodeOf, isNeverSent } from '../http/never-sent.js';
import { TwilioHttpError } from './twilio-http.js';

const OPTED_OUT = 21610;
/** The sender's queue is full: slower, please. */
const QUEUE_FULL = 21611;
/** What is wrong with our sender and not with the recipient: nobody's message is given up for it. */
const SENDER_CODES = new Set([21212, 21603, 21606, 21607, 21701, 21702, 21703, 21704]);
/**
 * What a failed request means for the message.
 * - 429, and 500 or 503 in Twilio's own words: it was not taken
 * - 401, 403, 404 and codes about the sender: our account is wrong, so no message is given up
 * - other 4xx: this message never will be taken
 * - anything else (502 and 504 of a proxy, a connection cut, no answer in time): nobody knows
 */
export function classify(error: unknown): SendResult {
  if (error instanceof TwilioHttpError) return classifyAnswer(error);
  const reason = errorCodeOf(error) ?? messageOf(error);
  if (isNeverSent(reason)) {
    return { status: 'busy', reason, retryAfterMs: null, isOutage: true };
  }
  return { status: 'unknown', reason };
}

function classifyAnswer({ status, code, retryAfterMs }: TwilioHttpError): SendResult {
  const reason = code === null ? `http.${status}` : `gateway.${code}`;
  if (status === 429 || code === QUEUE_FULL) {
    return { status: 'busy', reason, retryAfterMs, isOutage: false };
  }
  const isOwnWord = code !== null && (status === 500 || status === 503);
  const isOurs = [401, 403, 404].includes(status) || SENDER_CODES.has(code ?? 0);
  if (isOwnWord || isOurs) {
    return { status: 'busy', reason, retryAfterMs, isOutage: true };
  }
  if (status >= 400 && status < 500 && status !== 408) {
    return { status: 'refused', reason, isOptOut: code === OPTED_OUT };
  }
  return { status: 'unknown', reason };
}
