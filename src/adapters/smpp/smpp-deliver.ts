import type { CountryCode } from 'libphonenumber-js/min';
import type { Pdu } from 'smpp';
import type { InboundSms, ReceiptInput } from '../../notify/ports.js';
import { toE164 } from '../postgres/phone-number.js';
import { stateOfSmpp } from './smpp-status.js';

/** How a centre writes in receipts the ids that it answers submit_sm with. */
export type ReceiptIds = 'same' | 'decimalOfHex' | 'hexOfDecimal';

const RECEIPT = 0x04;
const MESSAGE_TYPE = 0x3c;
const INTERNATIONAL = 1;

export interface DeliverOptions {
  /** `err:` codes that say that the person opted out */
  readonly optedOut: readonly string[];
  /** country of numbers that come without their country code */
  readonly region: CountryCode | undefined;
}

/** A deliver_sm, read: a receipt, a text from a subscriber, or neither. */
export type Delivered =
  | { readonly kind: 'receipt'; readonly receipt: Omit<ReceiptInput, 'messageId'> }
  | { readonly kind: 'text'; readonly sms: InboundSms }
  | { readonly kind: 'other' };

/**
 * Reads a deliver_sm. Receipts are told by esm_class (SMPP 3.4, 5.2.12); their id and state come from
 * the optional parameters where present, else from the text (appendix B), whose order and letter case
 * differ from centre to centre.
 */
export function readDeliverSm(pdu: Pdu, { optedOut, region }: DeliverOptions): Delivered {
  const text = textOf(pdu);
  const from = addressOf(pdu, region);
  if ((Number(pdu.esm_class) & MESSAGE_TYPE) !== RECEIPT) {
    return from === undefined || text === ''
      ? { kind: 'other' }
      : { kind: 'text', sms: { from, body: text } };
  }
  const gatewayId = idOf(pdu.receipted_message_id) ?? field(text, 'id');
  const word = typeof pdu.message_state === 'number' ? pdu.message_state : field(text, 'stat');
  if (gatewayId === undefined || word === undefined) return { kind: 'other' };
  const error = field(text, 'err');
  const errorCode = error === undefined || /^0*$/.test(error) ? null : error;
  const mark = pdu.user_message_reference;
  return {
    kind: 'receipt',
    receipt: {
      gatewayId,
      status: String(word),
      state: stateOfSmpp(word),
      errorCode,
      isOptOut: errorCode !== null && optedOut.includes(errorCode),
      ...(typeof mark === 'number' && from !== undefined ? { trace: { to: from, mark } } : {}),
    },
  };
}

/** An id as receipts write it, of one that answered submit_sm. */
export function asReceipted(id: string, ids: ReceiptIds): string {
  if (ids === 'decimalOfHex') return /^[0-9a-f]+$/i.test(id) ? BigInt(`0x${id}`).toString() : id;
  if (ids === 'hexOfDecimal') return /^\d+$/.test(id) ? BigInt(id).toString(16) : id;
  return id;
}

/** The way back, for asking after a message. */
export function asSubmitted(id: string, ids: ReceiptIds): string {
  if (ids === 'decimalOfHex') return asReceipted(id, 'hexOfDecimal');
  if (ids === 'hexOfDecimal') return asReceipted(id, 'decimalOfHex');
  return id;
}

/** A receipt's id in the one form that is stored: without leading zeros, lower case if hexadecimal. */
export function storedReceiptId(id: string, ids: ReceiptIds): string {
  if (ids === 'decimalOfHex') return id.replace(/^0+(?=.)/, '');
  if (ids === 'hexOfDecimal') return id.toLowerCase().replace(/^0+(?=.)/, '');
  return id;
}

function field(text: string, name: string): string | undefined {
  return new RegExp(`(?:^|\\s)${name}:\\s*([^\\s]+)`, 'i').exec(text)?.[1];
}

function idOf(value: unknown): string | undefined {
  const text = Buffer.isBuffer(value) ? value.toString('ascii') : value;
  if (typeof text !== 'string') return undefined;
  const id = text.replaceAll('\u0000', '').trim();
  return id === '' ? undefined : id;
}

/** E.164: as it stands where the centre says that it is international, else by the region's rules. */
function addressOf(pdu: Pdu, region: CountryCode | undefined): string | undefined {
  const { source_addr: address, source_addr_ton: typeOfNumber } = pdu;
  if (typeof address !== 'string' || !/^\+?\d{3,20}$/.test(address)) return undefined;
  if (address.startsWith('+')) return address;
  if (typeOfNumber === INTERNATIONAL || region === undefined) return `+${address}`;
  return toE164(address, region) ?? `+${address}`;
}

/** The library decodes by data coding and takes a header off; a payload stands in for the text. */
function textOf(pdu: Pdu): string {
  for (const part of [pdu.short_message, pdu.message_payload]) {
    const { message } = (part ?? {}) as { message?: unknown };
    const text = Buffer.isBuffer(message) ? message.toString('latin1') : message;
    if (typeof text === 'string' && text !== '') return text;
  }
  return '';
}
