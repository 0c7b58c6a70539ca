import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installFolder } from '../../../config.js';
import { poissonMeanDeviation } from '../../../forecast/backtest.js';
import { type DayMatrix, dayMatrix } from '../../../forecast/day-matrix.js';
import type { PartResult } from '../accuracy/part.js';
import type { CasePartOptions } from '../bench-parts.js';
import { type Figures, rounded } from '../figures.js';
import { blockShare, type DayScore } from './day-blocks.js';
import { augurs, holtWinters, seasonalNaive } from './peers.js';
import { rollOrigins } from './roll-origins.js';

const DATA = join(installFolder, '../shared/data/calls-5min/calls.csv');
const SOURCE_SECONDS = 300;
/** Two thirds of the days are to develop on, the last quarter is to be judged by. */
const DEVELOPMENT_SHARE = 2 / 3;
const SCORED_SHARE = 0.75;
const FIRST_DEVELOPMENT_DAY = 25;

/**
 * A bank's calls, a day ahead and an hour ahead, at 30 and 5 minutes, beside seasonal naive,
 * Holt–Winters and augurs; with the floor that Poisson noise sets.
 */
export async function scoreOrdinary({ set, progress }: CasePartOptions): Promise<PartResult> {
  const peer = await augurs();
  const figures: Record<string, Figures> = {};
  const baseline: Record<string, Figures> = {};
  const ratios: Record<string, number> = {};
  const lines: string[] = [];
  for (const intervalSeconds of [1800, 300]) {
    const whole = await readBankCalls(intervalSeconds);
    const end = Math.floor(whole.rows.length * DEVELOPMENT_SHARE);
    const history = set === 'development' ? head(whole, end) : whole;
    const from =
      set === 'development' ? FIRST_DEVELOPMENT_DAY : Math.floor(whole.rows.length * SCORED_SHARE);
    const scores = rollOrigins(history, from, (done, all) => {
      if (done % 10 === 0 || done === all) progress(`${intervalSeconds} s, ${done}/${all} origins`);
    });
    const name = `minutes${intervalSeconds / 60}`;
    const ours = {
      dayAhead: figuresOf(scores.map((each) => each.dayAhead)),
      hourAhead: figuresOf(scores.map((each) => each.hourAhead)),
    };
    const naive = seasonalNaive(history, from);
    const theirs = {
      seasonalNaive: rounded(naive, 4),
      holtWinters: rounded(holtWinters(history, from), 4),
      augurs: intervalSeconds < 1800 ? null : rounded(peer(history, from), 4),
      poissonFloor: rounded(floorOf(history, from), 4),
    };
    figures[name] = ours;
    baseline[name] = theirs;
    ratios[`${name}.dayAhead`] = ours.dayAhead.wape / naive;
    ratios[`${name}.hourAhead`] = ours.hourAhead.wape / naive;
    lines.push(...tell(name, ours, theirs, naive));
  }
  return { figures, baseline, ratios, lines };
}

async function readBankCalls(intervalSeconds: number): Promise<DayMatrix> {
  const [, ...lines] = (await readFile(DATA, 'utf8')).trim().split('\n');
  const counts = lines.map((line) => {
    const [time = '', calls] = line.split(',');
    const localSeconds = Date.parse(`${time.replace(' ', 'T')}Z`) / 1000;
    return { localSeconds, calls: Number(calls) };
  });
  return dayMatrix(counts, SOURCE_SECONDS, intervalSeconds);
}

function head({ intervalSeconds, dayNumbers, rows }: DayMatrix, days: number): DayMatrix {
  return { intervalSeconds, dayNumbers: dayNumbers.slice(0, days), rows: rows.slice(0, days) };
}

function figuresOf(days: readonly DayScore[]) {
  const wape = blockShare(
    days,
    (day) => day.missed,
    (day) => day.actual,
  );
  const held = (part: (day: DayScore) => number): Figures => {
    const { share, low, high } = blockShare(days, part, (day) => day.points);
    return { share: rounded(share, 4), low: rounded(low, 4), high: rounded(high, 4) };
  };
  return {
    days: days.length,
    wape: rounded(wape.share, 4) ?? 0,
    wapeLow: rounded(wape.low, 4),
    wapeHigh: rounded(wape.high, 4),
    coverage80: held((day) => day.in80),
    coverage95: held((day) => day.in95),
  };
}

function floorOf({ rows }: DayMatrix, from: number): number {
  let [floor, total] = [0, 0];
  for (const row of rows.slice(from)) {
    for (const value of row) {
      if (Number.isNaN(value)) continue;
      floor += poissonMeanDeviation(value);
      total += value;
    }
  }
  return floor / total;
}

function tell(
  name: string,
  ours: Readonly<Record<'dayAhead' | 'hourAhead', ReturnType<typeof figuresOf>>>,
  theirs: Figures,
  naive: number,
): string[] {
  const percent = (value: unknown): string =>
    typeof value === 'number' ? `${(value * 100).toFixed(2)} %` : '-';
  const band = (value: Figures): string =>
    `${percent(value.share)} (${percent(value.low)} to ${percent(value.high)})`;
  const line = (what: string, { wape, coverage80, coverage95 }: ReturnType<typeof figuresOf>) =>
    `  ${what}: WAPE ${percent(wape)}, ${(wape / naive).toFixed(3)} of seasonal naive; 80 % band held ${band(coverage80)}, 95 % band ${band(coverage95)}`;
  const beside = Object.entries(theirs).map(([peer, value]) => `${peer} ${percent(value)}`);
  return [
    `${name}, ${ours.dayAhead.days} days`,
    line('a day ahead', ours.dayAhead),
    line('an hour ahead', ours.hourAhead),
    `  beside ${beside.join(', ')}`,
  ];
}
