import type { Column } from './column.js';
import type { KpiPlan } from './kpi-plan.js';
import type { SeriesStore } from './series-store.js';

const PREVIOUS_STEPS = 40;
const CARRY_STEPS = 65_535;
const PER_PREVIOUS = 1 / PREVIOUS_STEPS;
const PER_CARRY = 1 / CARRY_STEPS;
/** a wander explains at most this many standard deviations of the next reading */
const EXPLAINED = 2;
const CLIP = 3;
const RATE = 0.01;
const GREATEST = 0.9;
/** 1 / √(1 - carry²) by the upper byte of the stored carry */
const INNOVATION = Float64Array.from(
  { length: 256 },
  (_, i) => 1 / Math.sqrt(1 - Math.min(0.95, (i + 0.5) / 256) ** 2),
);

/**
 * Fills in `bad`: how bad readings are beyond what the last residual of their series explains.
 * Series wander, and a run of small residuals on one side is one event and not many. A first-order
 * autoregression whose coefficient is learnt per series, with the carried part bounded, so that a
 * deep loss is never explained away.
 */
export function findUnexplained(column: Column, plan: KpiPlan, store: SeriesStore): void {
  const { carry, previous } = store;
  const { count, series, z, bad } = column;
  const direction = plan.bad;
  for (let i = 0; i < count; i++) {
    const s = series[i] ?? 0;
    const code = carry[s] ?? 0;
    const last = (previous[s] ?? 0) * PER_PREVIOUS;
    const near = last > EXPLAINED ? EXPLAINED : last < -EXPLAINED ? -EXPLAINED : last;
    const left = ((z[i] ?? 0) - code * PER_CARRY * near) * (INNOVATION[code >>> 8] ?? 1);
    const turned = direction === 0 ? Math.abs(left) : direction * left;
    bad[i] = turned;
  }
  if (column.hasSlack) takeSlack(column);
}

/** What is as ordinary is not bad. */
function takeSlack({ count, sd, slack, bad }: Column): void {
  for (let i = 0; i < count; i++) {
    const [turned, loose] = [bad[i] ?? 0, slack[i] ?? 0];
    if (loose > 0 && turned > 0) bad[i] = Math.max(0, turned - loose / (sd[i] ?? 1));
  }
}

/** Learns from the healthy readings of a column how much residuals carry over. */
export function learnWander(column: Column, store: SeriesStore): void {
  const { carry, previous } = store;
  const { count, series, z, healthy } = column;
  for (let i = 0; i < count; i++) {
    const s = series[i] ?? 0;
    if (healthy[i] === 0) {
      previous[s] = 0;
      continue;
    }
    const full = z[i] ?? 0;
    const now = full > CLIP ? CLIP : full < -CLIP ? -CLIP : full;
    const last = (previous[s] ?? 0) * PER_PREVIOUS;
    const old = (carry[s] ?? 0) * PER_CARRY;
    const next = old + RATE * (now - old * last) * last;
    carry[s] = ((next < 0 ? 0 : next > GREATEST ? GREATEST : next) * CARRY_STEPS + 0.5) | 0;
    previous[s] = ((now * PREVIOUS_STEPS + 128.5) | 0) - 128;
  }
}
