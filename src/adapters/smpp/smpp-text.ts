import { smsSize } from '../../notify/gsm7.js';

/** 3GPP TS 23.038 table 6.2.1, a character at its code; at 27 stands the escape. */
const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const ESCAPE = 0x1b;
/** Table 6.2.1.1: what follows the escape. */
const EXTENDED: Readonly<Record<string, number>> = {
  '\f': 0x0a,
  '^': 0x14,
  '{': 0x28,
  '}': 0x29,
  '\\': 0x2f,
  '[': 0x3c,
  '~': 0x3d,
  ']': 0x3e,
  '|': 0x40,
  '€': 0x65,
};
const CODES = new Map([...BASIC].map((character, code) => [character, code]));
const UCS2 = 8;
const UDH_INDICATOR = 0x40;

/** How a text that needs several segments is handed over. */
export type LongMessages = 'udh' | 'sar' | 'payload';

/** What one submit_sm says of the text. */
export interface SmppPart {
  readonly data_coding: number;
  readonly esm_class: number;
  readonly short_message: Buffer;
  readonly message_payload?: Buffer;
  readonly sar_msg_ref_num?: number;
  readonly sar_total_segments?: number;
  readonly sar_segment_seqnum?: number;
}

export interface SmppTextOptions {
  readonly long: LongMessages;
  /** data coding of GSM-7 texts: 0 is the centre's own default */
  readonly gsmDataCoding: number;
  /** tells long messages to one phone apart, 0 to 65535; the header has room for 8 bits of it */
  readonly reference: number;
}

/**
 * A text as one or more submit_sm: unpacked septets (SMPP 3.4, 5.2.19) or UCS-2, big endian. Long ones
 * are split as `smsSize` counts them, with a concatenation header (TS 23.040, 9.2.3.24.1), by the
 * sar_* parameters, or left whole in message_payload for the centre to split.
 * @returns parts in order, at least one
 */
export function smppParts(text: string, options: SmppTextOptions): SmppPart[] {
  const isGsm = smsSize(text).encoding === 'GSM-7';
  const data_coding = isGsm ? options.gsmDataCoding : UCS2;
  const encode = isGsm ? gsm7Octets : ucs2Octets;
  const plain = { data_coding, esm_class: 0 };
  const whole = encode(text);
  if (whole.length <= (isGsm ? 160 : 140)) return [{ ...plain, short_message: whole }];
  if (options.long === 'payload') {
    return [{ ...plain, short_message: Buffer.alloc(0), message_payload: whole }];
  }
  const pieces = split(text, encode, isGsm ? 153 : 134);
  return pieces.map((piece, index) => {
    if (options.long === 'sar') {
      return {
        ...plain,
        short_message: piece,
        sar_msg_ref_num: options.reference,
        sar_total_segments: pieces.length,
        sar_segment_seqnum: index + 1,
      };
    }
    const header = Buffer.from([5, 0, 3, options.reference & 0xff, pieces.length, index + 1]);
    return {
      data_coding,
      esm_class: UDH_INDICATOR,
      short_message: Buffer.concat([header, piece]),
    };
  });
}

/** Pieces of at most so many octets, no character torn apart. */
function split(text: string, encode: (text: string) => Buffer, most: number): Buffer[] {
  const pieces: Buffer[] = [];
  let piece: Buffer[] = [];
  let used = 0;
  for (const character of text) {
    const octets = encode(character);
    if (used + octets.length > most) {
      pieces.push(Buffer.concat(piece));
      piece = [];
      used = 0;
    }
    piece.push(octets);
    used += octets.length;
  }
  pieces.push(Buffer.concat(piece));
  return pieces;
}

function gsm7Octets(text: string): Buffer {
  const octets: number[] = [];
  for (const character of text) {
    const extended = EXTENDED[character];
    if (extended === undefined) octets.push(CODES.get(character) ?? 0x3f);
    else octets.push(ESCAPE, extended);
  }
  return Buffer.from(octets);
}

function ucs2Octets(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}
