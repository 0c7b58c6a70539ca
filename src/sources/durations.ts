import { TocsinError } from '../domain/errors.js';

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/**
 * Seconds of a feed's duration such as `15m`.
 * @throws TocsinError `input.rules` when it is none, or not above zero
 */
export function durationSeconds(text: string): number {
  const [, amount, unit] = /^([0-9]+)(s|m|h|d)$/.exec(text) ?? [];
  const seconds = Number(amount) * (SECONDS[unit as keyof typeof SECONDS] ?? Number.NaN);
  if (!(seconds > 0)) {
    throw new TocsinError(
      'input.rules',
      `"${text}" is no duration: allowed are a number above 0 and a unit, such as 60s, 15m, 1h, 1d`,
    );
  }
  return seconds;
}
