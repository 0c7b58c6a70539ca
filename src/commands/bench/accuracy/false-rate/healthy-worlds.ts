import { Random } from '../../../../../simulators/random.js';
import type { CaseSettings } from '../case-settings.js';
import type { WorldPlan } from '../draw-cases.js';
import type { CaseSet } from '../part.js';

const DAY_MS = 86_400_000;
const WORLDS = 10;
const SITES = 180;
const WATCHED_DAYS = 90;
/** Cell-months that the worlds of full size hold: months of 30 days. */
export const FULL_CELL_MONTHS = 20_000;
/** First seeds of each set: neither set has one of the other, or of the scenarios. */
const FIRST_SEED: Readonly<Record<CaseSet, number>> = { development: 21_001, scoring: 97_001 };

/** A network in which nothing fails. Times are epoch ms. */
export interface HealthyPlan extends WorldPlan {
  /** incidents are counted from `branchMs`, the end of warm-up, to here */
  readonly toMs: number;
}

/**
 * Networks without a fault, each with seed, size, noise, losses and season of its own, drawn from the
 * ranges that the scenarios of the set have.
 *
 * @param scale share of the full 20,000 cell-months, above 0; worlds stay many and get smaller and
 *   shorter
 */
export function drawHealthyWorlds(settings: CaseSettings, scale: number): HealthyPlan[] {
  const size = Math.sqrt(scale);
  const months = Math.max(1, Math.round((WATCHED_DAYS * size) / 10) * 10) / 30;
  const cells = Math.max(15, Math.ceil((FULL_CELL_MONTHS * scale) / months / WORLDS));
  return Array.from({ length: WORLDS }, (_, at) => {
    const seed = FIRST_SEED[settings.set] + at;
    const random = new Random(seed, 'healthy world');
    const within = ([least, most]: readonly [number, number]): number =>
      random.between(least, most);
    // Somewhere in the year, so that some worlds see a change of the clocks, holidays and summer.
    const fromMs = Date.parse(`${settings.firstDay}T00:00:00Z`) + random.below(365) * DAY_MS;
    const branchMs = fromMs + settings.warmUpDays * DAY_MS;
    return {
      seed,
      sites: Math.max(4, Math.min(SITES, Math.round(cells / 4))),
      cells,
      fromMs,
      branchMs,
      toMs: branchMs + Math.round(months * 30) * DAY_MS,
      noise: within(settings.noise),
      delivery: {
        late: within(settings.late),
        tooLate: within(settings.tooLate),
        lost: within(settings.lost),
        doubled: within(settings.doubled),
      },
    };
  });
}
