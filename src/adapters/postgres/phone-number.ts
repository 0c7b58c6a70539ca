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

/**
 * E.164 form of a number as people write it.
 * @returns undefined when it cannot be a number of its country
 */
export function toE164(text: string, region: CountryCode): string | undefined {
  const bare = text.replace(/[\s.()/-]/g, '');
  const international = bare.startsWith('00') ? `+${bare.slice(2)}` : bare;
  if (!/^\+?\d{4,17}$/.test(international)) return undefined;
  try {
    const number = parsePhoneNumber(international, region);
    return number.isPossible() ? number.number : undefined;
  } catch {
    return undefined;
  }
}
