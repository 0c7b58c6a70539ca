import type { CaseSettings } from './case-settings.js';
import { type CasePlan, drawCases } from './draw-cases.js';
import { type CaseRun, runCase } from './run-case.js';
import { loadShippedRules, warmUp } from './warm-world.js';

/** Which of the cases to run, for looking into one: all by default. */
export interface CaseChoice {
  readonly scale: number;
  /** only cases whose name holds this text */
  readonly named?: string;
}

/**
 * Runs the cases of a set, world by world: a world is warmed up once and every case branches off its
 * state. The same settings give the same runs.
 */
export async function runCases(
  settings: CaseSettings,
  { scale, named }: CaseChoice,
  progress: (text: string) => void,
): Promise<CaseRun[]> {
  const rules = loadShippedRules();
  const chosen = drawCases(settings, scale).filter(
    ({ name }) => named === undefined || name.includes(named),
  );
  const byWorld = new Map<number, CasePlan[]>();
  for (const plan of chosen) {
    const list = byWorld.get(plan.world.seed) ?? [];
    list.push(plan);
    byWorld.set(plan.world.seed, list);
  }
  const runs: CaseRun[] = [];
  for (const plans of byWorld.values()) {
    const [first] = plans;
    if (first === undefined) continue;
    const world = await warmUp(first.world, rules);
    for (const plan of plans) runs.push(await runCase(world, plan));
    progress(`${runs.length} of ${chosen.length} ${settings.set} cases`);
  }
  return runs;
}
