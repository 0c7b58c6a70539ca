import { DateTime, IANAZone } from 'luxon';
import { TocsinError } from '../domain/errors.js';

/** Reads a time as a source spells it. @returns epoch ms, NaN when it cannot be read */
export type ReadTime = (value: unknown) => number;

const EPOCH_UNITS: Readonly<Record<string, number>> = {
  epochSeconds: 1000,
  epochMillis: 1,
  epochMicros: 1e-3,
  epochNanos: 1e-6,
};
/** Times of a feed repeat over its objects, so few distinct texts are ever remembered. */
const CACHE_SIZE = 4096;

/**
 * Makes the reader of a feed's times.
 * - `iso` (default): ISO 8601; without an offset it is local time in `zone`
 * - `epochSeconds`, `epochMillis`, `epochMicros`, `epochNanos`: a number or its text
 * - `snmpDateAndTime`: the display form of RFC 2579 DateAndTime, as in `2025-9-10,14:18:14.0,+3:0`
 * - anything else: a Luxon pattern such as `dd/MM/yyyy HH:mm`
 *
 * A local time that daylight saving skips is read as the same distance after the gap, one that it
 * repeats as the first of the two.
 * @throws TocsinError `input.rules` for a zone or pattern that does not exist
 */
export function timeReader(format = 'iso', zone = 'UTC'): ReadTime {
  if (!IANAZone.isValidZone(zone)) {
    throw new TocsinError('input.rules', `time zone "${zone}" is unknown: use an IANA name`);
  }
  const unit = EPOCH_UNITS[format];
  if (unit !== undefined) return (value) => readEpoch(value, unit);
  if (format === 'iso') return remembered((text) => readIso(text, zone));
  if (format === 'snmpDateAndTime') return remembered((text) => readSnmp(text, zone));
  checkPattern(format);
  return remembered((text) => earliest(DateTime.fromFormat(text, format, { zone, locale: 'en' })));
}

/** Whether times of this format go by the clock of the feed's zone where they name no offset. */
export function isClockTime(format = 'iso'): boolean {
  return EPOCH_UNITS[format] === undefined;
}

function checkPattern(pattern: string): void {
  const written = DateTime.fromMillis(0, { zone: 'UTC', locale: 'en' }).toFormat(pattern);
  if (!/[yxX]|kk/.test(pattern) || written === pattern) {
    throw new TocsinError(
      'input.rules',
      `time format "${pattern}" holds no year: allowed are iso, epochSeconds, epochMillis, epochMicros, epochNanos, snmpDateAndTime and Luxon patterns such as dd/MM/yyyy HH:mm`,
    );
  }
}

function readEpoch(value: unknown, unit: number): number {
  if (typeof value === 'number') return Math.floor(value * unit);
  if (typeof value !== 'string') return Number.NaN;
  const text = value.trim();
  if (!/^-?\d+(\.\d+)?$/.test(text)) return Number.NaN;
  // 19 digits of nanoseconds do not fit a double: drop what is below a millisecond first.
  if (unit === 1e-6 && /^-?\d+$/.test(text)) return Number(BigInt(text) / 1_000_000n);
  return Math.floor(Number(text) * unit);
}

function remembered(read: (text: string) => number): ReadTime {
  const cache = new Map<string, number>();
  return (value) => {
    if (typeof value !== 'string') return Number.NaN;
    const known = cache.get(value);
    if (known !== undefined) return known;
    const ms = read(value.trim());
    if (cache.size >= CACHE_SIZE) cache.clear();
    cache.set(value, ms);
    return ms;
  };
}

const ISO_UTC =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)$/;

function readIso(text: string, zone: string): number {
  const parts = ISO_UTC.exec(text);
  if (parts === null) {
    return earliest(DateTime.fromISO(text.replace(/^(\d{4}-\d\d-\d\d) /, '$1T'), { zone }));
  }
  // Date.parse takes 30 February for 2 March.
  const lastDay = new Date(Date.UTC(Number(parts[1]), Number(parts[2]), 0)).getUTCDate();
  if (Number(parts[3]) > lastDay) return Number.NaN;
  return Date.parse(text.replace(' ', 'T').replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
}

const SNMP =
  /^(\d{1,4})-(\d{1,2})-(\d{1,2}),(\d{1,2}):(\d{1,2}):(\d{1,2})\.(\d)(?:,([+-])(\d{1,2}):(\d{1,2}))?$/;

/** RFC 2579, DISPLAY-HINT "2d-1d-1d,1d:1d:1d.1d,1a1d:1d"; the tenth digit is deci-seconds. */
function readSnmp(text: string, zone: string): number {
  const parts = SNMP.exec(text);
  if (parts === null) return Number.NaN;
  const [year, month, day, hour, minute, second, tenth] = parts.slice(1, 8).map(Number);
  const offset =
    parts[8] === undefined ? undefined : offsetName(parts[8], Number(parts[9]), Number(parts[10]));
  const millisecond = (tenth ?? 0) * 100;
  const local = { year, month, day, hour, minute, second, millisecond } as Record<string, number>;
  return earliest(DateTime.fromObject(local, { zone: offset ?? zone }));
}

function offsetName(sign: string, hours: number, minutes: number): string {
  return `UTC${sign}${hours}:${String(minutes).padStart(2, '0')}`;
}

/** Of the moments that a local time names, two when clocks go back, the first; NaN for none. */
function earliest(time: DateTime): number {
  if (!time.isValid) return Number.NaN;
  return Math.min(...time.getPossibleOffsets().map((each) => each.toMillis()));
}
