const CIVIL =
  /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2}|[+-]\d{2})?$/i;
const EPOCH = /^-?\d+(\.\d+)?$/;
/** Epoch numbers from these sizes on are ms, µs and ns: in seconds they lie beyond the year 5000. */
const MILLIS_FROM = 1e11;
const MICROS_FROM = 1e14;
const NANOS_FROM = 1e17;

/**
 * Reads the time of a row by its own text alone: ISO 8601 with `T` or a space (UTC where no offset
 * is given), a date alone, or an epoch in seconds, ms, µs or ns, told apart by size.
 * @returns epoch ms, NaN when it is none of these
 */
export function readSeriesTime(text: string): number {
  const bare = text.trim();
  if (EPOCH.test(bare)) return readEpoch(Number(bare));
  const parts = CIVIL.exec(bare);
  if (parts === null) return Number.NaN;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const isReal =
    month >= 1 && month <= 12 && day >= 1 && day <= lastDay && minute < 60 && second <= 60;
  if (!isReal || hour > 24) return Number.NaN;
  const fraction = Number(`0.${parts[7] ?? '0'}`) * 1000;
  return (
    Date.UTC(year, month - 1, day, hour, minute, second) + fraction - offsetMs(parts[8] ?? 'Z')
  );
}

function readEpoch(number: number): number {
  const size = Math.abs(number);
  if (size < MILLIS_FROM) return number * 1000;
  if (size < MICROS_FROM) return number;
  return size < NANOS_FROM ? number / 1e3 : number / 1e6;
}

function offsetMs(zone: string): number {
  if (/^(Z|UTC)$/i.test(zone)) return 0;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (zone.startsWith('-') ? -1 : 1) * minutes * 60_000;
}
