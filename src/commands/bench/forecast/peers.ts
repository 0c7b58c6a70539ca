import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { DayMatrix } from '../../../forecast/day-matrix.js';
import { destabilise, stabilise } from '../../../forecast/ordinary/count-scale.js';
import { DayFacts } from '../../../forecast/ordinary/day-facts.js';
import { DoubleSeasonal } from '../../../forecast/ordinary/double-seasonal.js';

/** WAPE of a way to forecast a day from the days before it. */
export type Peer = (history: DayMatrix, from: number) => number;

/** The same interval of the latest earlier week that has it. */
export const seasonalNaive: Peer = (history, from) =>
  wape(history, from, (d) => {
    const { dayNumbers, rows } = history;
    for (let e = d - 1; e >= 0; e--) {
      if (((dayNumbers[d] ?? 0) - (dayNumbers[e] ?? 0)) % 7 === 0) return rows[e];
    }
    return undefined;
  });

/** Holt–Winters with a daily and a weekly season (Taylor 2003) by itself, on the stabilised scale. */
export const holtWinters: Peer = (history, from) => {
  const { dayNumbers, rows } = history;
  const model = new DoubleSeasonal(rows[0]?.length ?? 0);
  const facts = new DayFacts(new Set());
  const aheadOf = (d: number) => {
    const dayNumber = dayNumbers[d] ?? 0;
    const dayType = facts.typeOf(dayNumber);
    return { dayNumber, dayType, features: facts.of(dayNumber, dayNumbers[d - 1]) };
  };
  let learnt = 0;
  return wape(history, from, (d) => {
    for (; learnt < d; learnt++) {
      model.learn({ ...aheadOf(learnt), row: (rows[learnt] ?? new Float64Array()).map(stabilise) });
    }
    return model.forecast(aheadOf(d)).map(destabilise);
  });
};

/**
 * MSTL with ETS of augurs, refitted for each origin on the last weeks' open intervals one after the
 * other, on the stabilised scale. Days without data are filled from the week before, so that seasons
 * keep their length.
 */
export async function augurs(): Promise<Peer> {
  const { initSync, MSTL, initLogging } = await import('@bsull/augurs/mstl');
  const path = createRequire(import.meta.url).resolve('@bsull/augurs/mstl');
  initSync({ module: await readFile(path.replace(/mstl\.js$/, 'mstl_bg.wasm')) });
  initLogging({ maxLevel: 'error' });
  return (history, from) => {
    const open = openColumns(history, from);
    const workdays = workdaysOf(history);
    return wape(history, from, (d) => {
      const series = seriesBefore(history, d, open, workdays);
      const model = MSTL.ets([open.length, open.length * workdays.size]);
      model.fit(Float64Array.from(series));
      const { point } = model.predict(open.length);
      model.free();
      const row = new Float64Array(history.rows[d]?.length ?? 0).fill(Number.NaN);
      for (const [k, i] of open.entries()) row[i] = destabilise(point[k] ?? 0);
      return row;
    });
  };
}

const WEEKS_FITTED = 10;

function openColumns({ rows }: DayMatrix, days: number): number[] {
  const seen = new Set<number>();
  for (const row of rows.slice(0, days)) {
    for (const [i, value] of row.entries()) if (!Number.isNaN(value)) seen.add(i);
  }
  return [...seen].sort((a, b) => a - b);
}

function workdaysOf({ dayNumbers }: DayMatrix): Set<number> {
  return new Set(dayNumbers.map((day) => day % 7));
}

/** Calls of the weeks before a day, open intervals only, every workday there. */
function seriesBefore(
  { dayNumbers, rows }: DayMatrix,
  d: number,
  open: readonly number[],
  workdays: ReadonlySet<number>,
): number[] {
  const at = new Map(dayNumbers.slice(0, d).map((day, k) => [day, rows[k]]));
  const today = dayNumbers[d] ?? 0;
  const first = Math.max(dayNumbers[0] ?? 0, today - 7 * WEEKS_FITTED);
  const latest = new Map<number, Float64Array>();
  const series: number[] = [];
  for (let day = first; day < today; day++) {
    if (!workdays.has(day % 7)) continue;
    const row = at.get(day) ?? latest.get(day % 7) ?? rows[0];
    if (!row) continue;
    latest.set(day % 7, row);
    for (const i of open) series.push(stabilise(row[i] ?? 0));
  }
  return series;
}

function wape(
  { rows }: DayMatrix,
  from: number,
  forecast: (d: number) => Float64Array | undefined,
): number {
  let missed = 0;
  let total = 0;
  for (let d = from; d < rows.length; d++) {
    const made = forecast(d);
    for (const [i, actual] of (rows[d] ?? []).entries()) {
      const value = made?.[i] ?? Number.NaN;
      if (Number.isNaN(actual) || Number.isNaN(value)) continue;
      missed += Math.abs(actual - value);
      total += actual;
    }
  }
  return missed / total;
}
