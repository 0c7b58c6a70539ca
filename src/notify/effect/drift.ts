import { probit } from 'simple-statistics';
import type { EffectEstimate } from '../../domain/effect.js';
import { addSums, isMeasurable, pooledRatio } from './contrast.js';
import { type ObservedEffect, poolEffects } from './estimate.js';

/** The effect to go by from now on, and whether it is still what it was. */
export interface LearntEffect {
  /** undefined while nothing is measurable */
  readonly estimate: EffectEstimate | undefined;
  readonly drift: 'none' | 'drifting' | 'tooFew';
  readonly reason: string;
}

/** Two sides, 1 %. */
const Z = probit(0.995);

/**
 * Pools the effects of a design and watches whether the newest still fit those before; when they do
 * not, the newest alone count.
 * @param observed oldest first
 * @param newest how many are held against those before
 */
export function learnEffect(observed: readonly ObservedEffect[], newest: number): LearntEffect {
  const before = observed.slice(0, -newest);
  const now = observed.slice(-newest);
  const all = measured(observed);
  const was = enough(before) ? pooledRatio(before.map(({ sums }) => sums)) : undefined;
  const is = enough(now) ? pooledRatio(now.map(({ sums }) => sums)) : undefined;
  if (!was || !is) {
    return {
      estimate: all,
      drift: 'tooFew',
      reason: `${observed.length} incidents: too few to tell whether the effect changes`,
    };
  }
  const z = Math.log(is.ratio / was.ratio) / Math.hypot(is.logError, was.logError);
  const change = `the last ${now.length} incidents: ${percent(1 - is.ratio)} fewer calls, ${percent(1 - was.ratio)} in the ${before.length} before`;
  return Math.abs(z) > Z
    ? { estimate: measured(now), drift: 'drifting', reason: change }
    : { estimate: all, drift: 'none', reason: change };
}

/**
 * The effect that the forecast goes by: the control group's where it is measurable, else that of the
 * order of sending.
 * @returns undefined while neither is measurable
 */
export function effectToGoBy(
  observed: readonly ObservedEffect[],
  newest: number,
): EffectEstimate | undefined {
  const of = (design: ObservedEffect['design']): EffectEstimate | undefined =>
    learnEffect(
      observed.filter((each) => each.design === design),
      newest,
    ).estimate;
  return of('controlGroup') ?? of('sendingOrder');
}

function enough(observed: readonly ObservedEffect[]): boolean {
  const [first, ...others] = observed;
  return (
    first !== undefined && isMeasurable(others.reduce((a, b) => addSums(a, b.sums), first.sums))
  );
}

function measured(observed: readonly ObservedEffect[]): EffectEstimate | undefined {
  const estimate = poolEffects(observed);
  return estimate?.status === 'measured' ? estimate : undefined;
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
