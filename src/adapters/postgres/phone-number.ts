import { type CountryCode, isSupportedCountry, parsePhoneNumber } from 'libphonenumber-js/min';
import { TocsinError } from '../../domain/errors.js';

/** Country of numbers without a country code, ISO 3166-1 alpha-2. @throws TocsinError `input.option` */
export function phoneRegion(text: string): CountryCode {
  const region = text.toUpperCase();
  if (isSupportedCountry(region)) return region;
  throw new TocsinError(
    'input.option',
    `region "${text}" is unknown, allowed: a country such as FR`,
  );
}

/** Numbers that were in E.164 already, without their last digits, as `numberKey` has them. */
const known = new Set<string>();
const MOST_KNOWN = 200_000;
const LAST_DIGITS = 3;

/** Whether a number is possible depends on its length and first digits alone. */
function numberKey(number: string): string {
  return `${number.length}${number.slice(0, -LAST_DIGITS)}`;
}

/**
 * E.164 form of a number as people write it.
 * @returns undefined when it cannot be a number of its country
 */
export function toE164(text: string, region: CountryCode): string | undefined {
  // most numbers of an operator are of few blocks
  if (text.startsWith('+') && /^\+\d{7,15}$/.test(text) && known.has(numberKey(text))) return text;
  const bare = text.replace(/[\s.()/-]/g, '');
  const international = bare.startsWith('00') ? `+${bare.slice(2)}` : bare;
  if (!/^\+?\d{4,17}$/.test(international)) return undefined;
  try {
    const number = parsePhoneNumber(international, region);
    if (!number.isPossible()) return undefined;
    if (number.number === text) {
      if (known.size >= MOST_KNOWN) known.clear();
      known.add(numberKey(text));
    }
    return number.number;
  } catch {
    return undefined;
  }
}
