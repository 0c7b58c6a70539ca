import { createHmac, timingSafeEqual } from 'node:crypto';
import type { MessageState } from '../../domain/customer.js';
import type { InboundSms, ReceiptInput } from '../../notify/ports.js';
import { atPath, parseBody, textAt } from '../http/template.js';
import { phoneRegion, toE164 } from '../postgres/phone-number.js';
import type { HttpSmsConfig } from './http-sms-config.js';

/** What the gateway's word for a message's state means; null for a word the description lacks. */
export function stateOfWord({ status }: HttpSmsConfig, word: string): MessageState | null {
  const is = (words: readonly string[] | undefined): boolean =>
    words?.some((each) => each.toLowerCase() === word.toLowerCase()) ?? false;
  if (is(status?.delivered)) return 'delivered';
  if (is(status?.failed)) return 'failed';
  return is(status?.accepted) ? 'accepted' : null;
}

/** What was posted to us, read as the description says; empty when it does not fit. */
export function readReceipts(config: HttpSmsConfig, text: string): ReceiptInput[] {
  const { callback } = config;
  if (callback === undefined) return [];
  return entriesOf(text, callback.list).flatMap((entry) => {
    const gatewayId = textAt(entry, callback.id);
    const status = textAt(entry, callback.status);
    if (gatewayId === undefined || status === undefined) return [];
    const at = (path: string | undefined): string | null =>
      path === undefined ? null : (textAt(entry, path) ?? null);
    const errorCode = at(callback.error);
    return {
      gatewayId,
      status,
      state: stateOfWord(config, status),
      errorCode,
      isOptOut: errorCode !== null && (config.status?.optedOut?.includes(errorCode) ?? false),
      messageId: at(callback.messageId),
    };
  });
}

/** As `readReceipts`, texts from subscribers, with numbers in E.164. */
export function readInbound(config: HttpSmsConfig, text: string): InboundSms[] {
  const { inbound, region } = config;
  if (inbound === undefined) return [];
  return entriesOf(text, inbound.list).flatMap((entry) => {
    const number = textAt(entry, inbound.from);
    const body = textAt(entry, inbound.text);
    if (number === undefined || body === undefined) return [];
    return { from: inE164(number, region), body };
  });
}

/**
 * Whether a post is from the gateway: its body signed with the shared secret, or the token in the
 * address; one of them is configured.
 */
export function isFromGateway(
  { signature, token }: HttpSmsConfig,
  post: {
    readonly text: string;
    readonly token: string | undefined;
    readonly header: (name: string) => string | undefined;
  },
): boolean {
  if (signature !== undefined) {
    const given = post.header(signature.header.toLowerCase()) ?? '';
    const mac = createHmac('sha256', signature.secret).update(post.text);
    const expected = `${signature.prefix ?? ''}${mac.digest(signature.encoding ?? 'hex')}`;
    if (!isSame(given, expected)) return false;
  }
  if (token !== undefined) return isSame(post.token ?? '', token);
  return signature !== undefined;
}

function inE164(number: string, region: string | undefined): string {
  if (region === undefined) return /^\d/.test(number) ? `+${number}` : number;
  return toE164(number, phoneRegion(region)) ?? number;
}

function entriesOf(text: string, list: string | undefined): unknown[] {
  const body = parseBody(text);
  const found = list === undefined ? body : atPath(body, list);
  return Array.isArray(found) ? found : [found];
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
