import type { EffectDesign, EffectEstimate, EffectFigure } from '../../domain/effect.js';
import {
  addSums,
  type ContrastSums,
  isMeasurable,
  pooledRatio,
  type RateRatio,
  rateRatio,
} from './contrast.js';

/** What was observed of one incident. */
export interface ObservedEffect {
  readonly design: EffectDesign;
  readonly sums: ContrastSums;
  readonly told: number;
  readonly untold: number;
  /** share of the compared exposure that was told, in [0,1] */
  readonly shareTold: number;
  /** calls of people after they were told, or were to be, until the incident's last call counts */
  readonly callsAfterTold: number;
}

const COMPARED: Record<EffectDesign, string> = {
  sendingOrder: 'people told against people not told yet, in a random order of sending',
  areaOrder: 'areas told against areas not told yet, in a random order of areas',
  controlGroup: 'people to be told against a control group',
};

/** The effect within one incident, as assigned whether or not messages arrived. */
export function estimateEffect(observed: ObservedEffect): EffectEstimate {
  return describe([observed], observed.sums, rateRatio(observed.sums));
}

/**
 * The effect over several incidents of one design. An incident that could not be measured by itself
 * counts with what it has.
 * @returns undefined for no incident
 */
export function poolEffects(observed: readonly ObservedEffect[]): EffectEstimate | undefined {
  const [first, ...others] = observed;
  if (!first) return undefined;
  const sums = others.reduce((sum, each) => addSums(sum, each.sums), first.sums);
  return describe(observed, sums, pooledRatio(observed.map((each) => each.sums)));
}

function describe(
  observed: readonly ObservedEffect[],
  sums: ContrastSums,
  ratio: RateRatio | undefined,
): EffectEstimate {
  const total = (of: (each: ObservedEffect) => number): number =>
    observed.reduce((sum, each) => sum + of(each), 0);
  const told = total((each) => each.told);
  const design = observed[0]?.design ?? 'sendingOrder';
  const common = {
    design,
    incidents: observed.length,
    told,
    untold: total((each) => each.untold),
    callsTold: sums.toldCalls,
    callsUntold: sums.untoldCalls,
    shareTold: told > 0 ? total((each) => each.shareTold * each.told) / told : 0,
  };
  if (!ratio || !isMeasurable(sums)) {
    return { ...common, status: 'notYetMeasurable', reason: missing(sums) };
  }
  const prevented = fromRatio(ratio, (r) => total((each) => each.callsAfterTold) * (1 / r - 1));
  return {
    ...common,
    status: 'measured',
    reason: COMPARED[design],
    reduction: fromRatio(ratio, (r) => 1 - r),
    prevented,
    preventedPer1000: scaled(prevented, told > 0 ? 1000 / told : 0),
  };
}

function missing({ toldCalls, untoldCalls }: ContrastSums): string {
  return `not yet measurable: ${toldCalls} calls of people told and ${untoldCalls} of people not told; enough is what would show a reduction of 30 % four times out of five`;
}

/** A falling function of the ratio, so that its upper end gives the lower one. */
function fromRatio({ ratio, lo, hi }: RateRatio, of: (ratio: number) => number): EffectFigure {
  return { value: of(ratio), lo: of(hi), hi: of(lo) };
}

function scaled({ value, lo, hi }: EffectFigure, by: number): EffectFigure {
  return { value: value * by, lo: lo * by, hi: hi * by };
}
