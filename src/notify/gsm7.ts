/** 3GPP TS 23.038 table 6.2.1: the GSM 7-bit default alphabet, one septet each. */
const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
    '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** Table 6.2.1.1: escaped characters, two septets each. */
const EXTENDED = new Set('\f^{}\\[~]|€');

const RESPELT: Readonly<Record<string, string>> = {
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '«': '"',
  '»': '"',
  '–': '-',
  '—': '-',
  '…': '...',
  œ: 'oe',
  Œ: 'OE',
  '\u00a0': ' ',
  '\u202f': ' ',
  '\u2009': ' ',
};

/** How a text goes over the air. */
export interface SmsSize {
  readonly encoding: 'GSM-7' | 'UCS-2';
  /** septets or UTF-16 units */
  readonly units: number;
  readonly segments: number;
  /** characters that GSM-7 lacks, each once, in order of appearance */
  readonly outside: readonly string[];
}

/**
 * Size of a text in segments: 160 septets or 70 UTF-16 units when alone, 153 or 67 when joined. A
 * character of two units never straddles a segment (3GPP TS 23.038 and 23.040, 9.2.3.24.1).
 * An empty text is one segment.
 */
export function smsSize(text: string): SmsSize {
  const outside = new Set<string>();
  for (const character of text) {
    if (!BASIC.has(character) && !EXTENDED.has(character)) outside.add(character);
  }
  const isGsm = outside.size === 0;
  const widths = [...text].map((character) =>
    isGsm ? (EXTENDED.has(character) ? 2 : 1) : character.length,
  );
  const units = widths.reduce((sum, width) => sum + width, 0);
  const segments = units <= (isGsm ? 160 : 70) ? 1 : joinedSegments(widths, isGsm ? 153 : 67);
  return { encoding: isGsm ? 'GSM-7' : 'UCS-2', units, segments, outside: [...outside] };
}

function joinedSegments(widths: readonly number[], capacity: number): number {
  let segments = 1;
  let used = 0;
  for (const width of widths) {
    if (used + width > capacity) {
      segments++;
      used = 0;
    }
    used += width;
  }
  return segments;
}

/**
 * The nearest spelling within GSM-7: accents it lacks are dropped (ê to e), typographic marks become
 * plain ones. What has no such spelling stays, so that another script is never mangled.
 */
export function respellGsm7(text: string): string {
  let result = '';
  for (const character of text.normalize('NFC')) {
    if (BASIC.has(character) || EXTENDED.has(character)) result += character;
    else result += RESPELT[character] ?? withoutMarks(character);
  }
  return result;
}

function withoutMarks(character: string): string {
  const bare = character.normalize('NFD').replace(/\p{M}/gu, '');
  return [...bare].every((each) => BASIC.has(each)) && bare !== '' ? bare : character;
}
