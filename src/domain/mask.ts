/**
 * A phone number as it may stand in a log or on a page of someone who need not know it: the start
 * and the last two digits stay, so that two people can agree that they mean the same one.
 * `+33612345678` becomes `+336••••••78`. Anything shorter than seven characters is hidden whole.
 */
export function maskNumber(number: string): string {
  if (number.length < 7) return '•'.repeat(number.length);
  return `${number.slice(0, 4)}${'•'.repeat(number.length - 6)}${number.slice(-2)}`;
}
