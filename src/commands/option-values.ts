import { InvalidArgumentError } from 'commander';
import { durationMs } from '../config.js';

/** Reader of a number option within bounds; the message names what is allowed. */
export function numberOption(
  allowed: string,
  isAllowed: (value: number) => boolean,
): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(value) || !isAllowed(value)) {
      throw new InvalidArgumentError(`allowed: ${allowed}`);
    }
    return value;
  };
}

/** Reader of a duration option such as `30m` or `1d`. @returns seconds, above 0 */
export function durationOption(text: string): number {
  if (!/^\d+(s|m|h|d)$/.test(text) || durationMs(text) === 0) {
    throw new InvalidArgumentError(
      'allowed: a whole number above 0 with s, m, h or d, such as 30m',
    );
  }
  return durationMs(text) / 1000;
}
