/**
 * Calls of one queue by local day: row = day with data, in order; column = interval of the day.
 * NaN where an interval has no data (closed, or not fully covered).
 */
export interface DayMatrix {
  /** divides a day */
  readonly intervalSeconds: number;
  /** local days since 1970-01-01, rising, gaps allowed */
  readonly dayNumbers: readonly number[];
  readonly rows: readonly Float64Array[];
}

const DAY_SECONDS = 86_400;

/** 0 = Sunday … 6 = Saturday; 1970-01-01 was a Thursday. */
export function weekdayOf(dayNumber: number): number {
  return (((dayNumber + 4) % 7) + 7) % 7;
}

/** One count as read: local time of the interval's start in seconds since 1970-01-01 00:00 local. */
export interface LocalCount {
  readonly localSeconds: number;
  readonly calls: number;
}

/**
 * Sums counts of a finer interval to `intervalSeconds`, aligned to local midnight; an interval that
 * is not fully covered by data is dropped (NaN). Callers have removed duplicates: what covers an
 * interval twice is the hour that the clock repeats in autumn, and its mean is taken. Days without
 * data are absent.
 *
 * @param sourceSeconds interval of the counts; divides `intervalSeconds`, which divides a day
 */
export function dayMatrix(
  counts: Iterable<LocalCount>,
  sourceSeconds: number,
  intervalSeconds: number,
): DayMatrix {
  const columns = DAY_SECONDS / intervalSeconds;
  const needed = intervalSeconds / sourceSeconds;
  const days = new Map<number, { sums: Float64Array; parts: Int32Array }>();
  for (const { localSeconds, calls } of counts) {
    const dayNumber = Math.floor(localSeconds / DAY_SECONDS);
    let day = days.get(dayNumber);
    if (!day) {
      day = { sums: new Float64Array(columns), parts: new Int32Array(columns) };
      days.set(dayNumber, day);
    }
    const column = Math.floor((localSeconds - dayNumber * DAY_SECONDS) / intervalSeconds);
    day.sums[column] = (day.sums[column] ?? 0) + calls;
    day.parts[column] = (day.parts[column] ?? 0) + 1;
  }
  const dayNumbers = [...days.keys()].sort((a, b) => a - b);
  const rows = dayNumbers.map((dayNumber) => {
    const { sums, parts } = days.get(dayNumber) ?? { sums: new Float64Array(), parts: [] };
    return sums.map((sum, column) => {
      const covered = parts[column] ?? 0;
      return covered >= needed ? (sum * needed) / covered : Number.NaN;
    });
  });
  return { intervalSeconds, dayNumbers, rows };
}
