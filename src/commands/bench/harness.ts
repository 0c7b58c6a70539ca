import type { Figures } from './figures.js';

/** What `tocsin bench NAME --json` prints; see CONTRACT.md. */
export interface BenchResult {
  name: string;
  unit: string;
  figures: Figures;
  baseline: Figures;
  /** ours ÷ baseline; null when nothing was compared */
  ratio: number | null;
  ratios?: Record<string, number>;
  better: 'higher' | 'lower';
  aim: string;
  runs: number;
  cpuSecondsOurs: number;
  cpuSecondsBaseline: number;
  /** for people instead of the list of figures; not part of the JSON */
  lines?: readonly string[];
  /** what must never be and was seen; the command then says so and ends with 1 */
  broken?: string;
}

/** One timed run: the work done (in the bench's unit), wall seconds and CPU seconds. */
export interface Measured {
  readonly work: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

/** Runs `body` once. @param body returns the work done, such as samples processed */
export async function measure(body: () => Promise<number> | number): Promise<Measured> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const work = await body();
  const wallSeconds = (performance.now() - started) / 1000;
  const used = process.cpuUsage(cpu);
  return { work, wallSeconds, cpuSeconds: (used.user + used.system) / 1e6 };
}

/** Measured pairs of ours and the baseline, in alternating order so that drift hits both. */
export async function alternate(
  runs: number,
  ours: () => Promise<number> | number,
  baseline: () => Promise<number> | number,
): Promise<{ ours: Measured[]; baseline: Measured[] }> {
  const result = { ours: [] as Measured[], baseline: [] as Measured[] };
  for (let run = 0; run < runs; run++) {
    const oursFirst = run % 2 === 0;
    if (oursFirst) result.ours.push(await measure(ours));
    result.baseline.push(await measure(baseline));
    if (!oursFirst) result.ours.push(await measure(ours));
  }
  return result;
}

/** Sum of CPU seconds over runs. */
export function cpuTotal(runs: readonly Measured[]): number {
  return runs.reduce((sum, run) => sum + run.cpuSeconds, 0);
}
