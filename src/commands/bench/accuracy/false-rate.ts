import { type Figures, rounded } from '../figures.js';
import { DEVELOPMENT_CASES } from './development-cases.js';
import { drawHealthyWorlds } from './false-rate/healthy-worlds.js';
import { poissonInterval } from './false-rate/poisson-interval.js';
import { type HealthyRun, runHealthy } from './false-rate/run-healthy.js';
import type { PartOptions, PartResult } from './part.js';
import { SCORING_CASES } from './scoring-cases.js';
import { tableLines } from './table.js';
import { loadShippedRules } from './warm-world.js';

const MOST_LISTED = 12;
const TELL_MS = 60_000;
const MONTHS_IN_YEAR = 12;

/** Events per 1,000 cells and month with their interval. */
function rate(count: number, cellMonths: number) {
  const { lo, hi } = poissonInterval(count);
  const per = (number: number): number => (number * 1000) / cellMonths;
  return { rate: per(count), lo: per(lo), hi: per(hi) };
}

function countByKpi(runs: readonly HealthyRun[]): Figures {
  const counts = new Map<string, number>();
  for (const { kpis } of runs.flatMap(({ opened }) => opened)) {
    for (const kpi of kpis) counts.set(kpi, (counts.get(kpi) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1]));
}

function sum(runs: readonly HealthyRun[], of: (run: HealthyRun) => number): number {
  return runs.reduce((total, run) => total + of(run), 0);
}

/** What an operator allows. */
export interface Budgets {
  /** false incidents per 1,000 cells and month */
  readonly setRate: number;
  /** of the whole network, whatever its size */
  readonly wrongWavesPerYear: number;
}

/** All worlds together, as plain JSON. */
export function falseRateFigures(
  runs: readonly HealthyRun[],
  { setRate, wrongWavesPerYear }: Budgets,
): Figures {
  const cellMonths = sum(runs, (run) => run.cellMonths);
  const opened = runs.flatMap((run) => run.opened);
  const achieved = rate(opened.length, cellMonths);
  const texts = sum(runs, (run) => run.texts);
  const told = rate(texts, cellMonths);
  return {
    worlds: runs.length,
    cellMonths: rounded(cellMonths, 0),
    samples: sum(runs, ({ samples }) => samples),
    falseIncidents: opened.length,
    setPer1000CellsAndMonth: setRate,
    achievedPer1000CellsAndMonth: rounded(achieved.rate, 3),
    lo95: rounded(achieved.lo, 3),
    hi95: rounded(achieved.hi, 3),
    isSetWithinInterval: achieved.lo <= setRate && setRate <= achieved.hi,
    isAtMostSet: achieved.rate <= setRate,
    openedInWarmUp: sum(runs, ({ openedInWarmUp }) => openedInWarmUp),
    anomaliesRaised: sum(runs, ({ anomaliesRaised }) => anomaliesRaised),
    textsThatWouldGoOut: texts,
    setWrongWavesPerYear: wrongWavesPerYear,
    textsPer1000CellsAndYear: rounded(told.rate * MONTHS_IN_YEAR, 3),
    textsHi95: rounded(told.hi * MONTHS_IN_YEAR, 3),
    byKpi: countByKpi(runs),
    byWorld: runs.map((run) => ({
      seed: run.plan.seed,
      cells: run.cells,
      from: new Date(run.plan.branchMs).toISOString().slice(0, 10),
      noise: rounded(run.plan.noise, 2),
      cellMonths: rounded(run.cellMonths, 0),
      incidents: run.opened.length,
      texts: run.texts,
      per1000: rounded((run.opened.length * 1000) / run.cellMonths, 2),
    })),
    listed: opened.slice(0, MOST_LISTED),
  };
}

function linesOf(runs: readonly HealthyRun[], setRate: number): string[] {
  const cellMonths = sum(runs, (run) => run.cellMonths);
  const count = sum(runs, ({ opened }) => opened.length);
  const { rate: achieved, lo, hi } = rate(count, cellMonths);
  return [
    ...tableLines(
      ['world', 'cells', 'noise', 'cell-months', 'incidents', 'per 1,000', 'texts'],
      runs.map((run) => [
        run.plan.seed,
        run.cells,
        rounded(run.plan.noise, 2),
        rounded(run.cellMonths, 0),
        run.opened.length,
        rounded((run.opened.length * 1000) / run.cellMonths, 2),
        run.texts,
      ]),
    ),
    `${count} false incidents in ${Math.round(cellMonths)} healthy cell-months: ${achieved.toFixed(2)} ` +
      `per 1,000 cells and month (95 %: ${lo.toFixed(2)} to ${hi.toFixed(2)}), set ${setRate}; ` +
      `${sum(runs, ({ texts }) => texts)} would have texted`,
  ];
}

/**
 * False incidents in simulated networks without a fault, as the running service would see them:
 * reports late, lost and doubled, no alarms. The baseline is the rate that is set.
 */
export async function measureFalseRate(options: PartOptions): Promise<PartResult> {
  const { scale, set, progress } = options;
  const rules = loadShippedRules();
  const setRate = rules.detection.falseIncidentsPer1000CellsPerMonth;
  const { wrongWavesPerYear } = rules.policy.approval;
  const plans = drawHealthyWorlds(set === 'scoring' ? SCORING_CASES : DEVELOPMENT_CASES, scale);
  const runs: HealthyRun[] = [];
  const startedMs = performance.now();
  let toldMs = startedMs;
  for (const plan of plans) {
    const tell = (share: number): void => {
      const nowMs = performance.now();
      if (nowMs - toldMs < TELL_MS) return;
      toldMs = nowMs;
      const done = (runs.length + share) / plans.length;
      const leftMinutes = ((nowMs - startedMs) * (1 / Math.max(done, 1e-3) - 1)) / 60_000;
      progress(`${Math.round(100 * done)} %, about ${Math.ceil(leftMinutes)} minutes left`);
    };
    runs.push(await runHealthy(plan, rules, tell));
    const last = runs.at(-1);
    progress(`world ${runs.length} of ${plans.length}: ${last?.opened.length} false incidents`);
  }
  const figures = falseRateFigures(runs, { setRate, wrongWavesPerYear });
  const minutes = (performance.now() - startedMs) / 60_000;
  return {
    figures: { ...figures, minutesTaken: rounded(minutes, 1) },
    baseline: { setPer1000CellsAndMonth: setRate, setWrongWavesPerYear: wrongWavesPerYear },
    lines: [...linesOf(runs, setRate), `${minutes.toFixed(1)} minutes`],
  };
}
