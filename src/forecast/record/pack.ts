import type { IntervalForecast } from '../../domain/interval-forecast.js';

/** What is kept of one interval of an issued forecast. */
export interface KeptInterval {
  readonly startMs: number;
  readonly intervalSeconds: number;
  readonly ordinary: number;
  /** what incidents add, redials among them */
  readonly extra: number;
  /** calls by the levels of the forecast, in their order */
  readonly quantiles: readonly number[];
}

/** An issued forecast as it is kept. */
export interface KeptForecast {
  /** levels in (0,1), rising */
  readonly levels: readonly number[];
  readonly intervals: readonly KeptInterval[];
}

const FORMAT = 1;
/** Calls are kept to a twentieth. */
const SCALE = 20;

/**
 * Packs a queue's forecast into bytes: differences from value to value as varints (LEB128, zigzag).
 * Calls are rounded to a twentieth, quantiles stay in order. A day and a half at a quarter hour takes
 * about 5 kB, 2 to 3 deflated.
 * @param intervals of one queue, without gaps, rising; at least one
 */
export function packForecast(intervals: readonly IntervalForecast[]): Uint8Array {
  const first = intervals[0];
  const levels = Object.keys(first?.quantiles ?? {})
    .map(Number)
    .sort((a, b) => a - b);
  const bytes: number[] = [];
  const put = (value: number): void => putVarint(bytes, value);
  put(FORMAT);
  put(levels.length);
  for (const level of levels) put(Math.round(level * 1000));
  put(first?.intervalSeconds ?? 0);
  put(Date.parse(first?.start ?? '') / 1000);
  put(intervals.length);
  let [ordinary, extra, lowest] = [0, 0, 0];
  for (const each of intervals) {
    const values = [each.ordinary, each.surge + each.redials].map(scaled);
    put((values[0] ?? 0) - ordinary);
    put((values[1] ?? 0) - extra);
    [ordinary = 0, extra = 0] = values;
    let below = lowest;
    for (const [n, level] of levels.entries()) {
      const value = scaled(each.quantiles[String(level)] ?? 0);
      put(value - below);
      below = value;
      if (n === 0) lowest = value;
    }
  }
  return Uint8Array.from(bytes);
}

/** The reverse of `packForecast`. @throws RangeError for bytes that it has not made */
export function unpackForecast(bytes: Uint8Array): KeptForecast {
  let at = 0;
  const take = (): number => {
    const [value, next] = takeVarint(bytes, at);
    at = next;
    return value;
  };
  const format = take();
  if (format !== FORMAT) throw new RangeError(`forecast packed as ${format}, known is ${FORMAT}`);
  const levels = Array.from({ length: take() }, () => take() / 1000);
  const intervalSeconds = take();
  const firstMs = take() * 1000;
  const count = take();
  const intervals: KeptInterval[] = [];
  let [ordinary, extra, lowest] = [0, 0, 0];
  for (let n = 0; n < count; n++) {
    ordinary += take();
    extra += take();
    let value = lowest;
    const quantiles = levels.map((_, k) => {
      value += take();
      if (k === 0) lowest = value;
      return value / SCALE;
    });
    const startMs = firstMs + n * intervalSeconds * 1000;
    const calls = { ordinary: ordinary / SCALE, extra: extra / SCALE };
    intervals.push({ startMs, intervalSeconds, ...calls, quantiles });
  }
  return { levels, intervals };
}

function scaled(calls: number): number {
  return Math.round(calls * SCALE);
}

function putVarint(bytes: number[], value: number): void {
  let rest = value < 0 ? -value * 2 - 1 : value * 2;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

function takeVarint(bytes: Uint8Array, from: number): [value: number, next: number] {
  let [value, factor, at] = [0, 1, from];
  for (;;) {
    const byte = bytes[at++];
    if (byte === undefined) throw new RangeError('forecast packed: it ends too early');
    value += (byte % 128) * factor;
    factor *= 128;
    if (byte < 128) break;
  }
  return [value % 2 === 1 ? -(value + 1) / 2 : value / 2, at];
}
