import parsePhoneNumber from 'libphonenumber-js/min';
import { TocsinError } from '../domain/errors.js';

/**
 * A number as people type it, French unless it says otherwise, in E.164.
 * @throws TocsinError `input.payload` when it is none
 */
export function readNumber(text: string): string {
  const parsed = parsePhoneNumber(text, 'FR');
  if (parsed?.isPossible() !== true) {
    throw new TocsinError(
      'input.payload',
      'This is no phone number: write it as +33 6 12 34 56 78 or 06 12 34 56 78.',
    );
  }
  return parsed.number;
}
