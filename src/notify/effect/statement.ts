import type { EffectEstimate, EffectFigure, EffectStatement } from '../../domain/effect.js';
import type { EffectRules } from './rules.js';

/** What a month brought. */
export interface MonthOfMessages {
  /** first day, `2026-11-01` */
  readonly month: string;
  /** pooled over the month's incidents; undefined for no incident */
  readonly effect: EffectEstimate | undefined;
  /** segments handed over, and what they cost in `costs.currency` */
  readonly segments: number;
  readonly smsCost: number;
  /** people told in the month's measured incidents, and their calls until those were over */
  readonly told: number;
  readonly callsOfTold: number;
}

/**
 * What telling people was worth in a month: calls avoided at their cost, overtime and credits with
 * them, less texts and running costs. Everything that depends on the effect has its interval; what is
 * not measurable is left out and said so, and nothing is then claimed.
 */
export function stateMonth(month: MonthOfMessages, rules: EffectRules): EffectStatement {
  const { costs } = rules;
  const { prevented } = month.effect ?? {};
  const each =
    costs.perCall +
    costs.goodwillPerCall +
    (costs.overtime.share * costs.overtime.perHour * costs.overtime.handleSeconds) / 3600;
  const spent = month.smsCost + costs.runningPerMonth;
  return {
    month: month.month,
    currency: costs.currency,
    status: prevented ? 'measured' : 'notYetMeasurable',
    reason: month.effect?.reason ?? 'nobody was told of an incident that ended this month',
    incidents: month.effect?.incidents ?? 0,
    told: month.told,
    segments: month.segments,
    ...(prevented
      ? {
          callsAvoided: prevented,
          callCost: times(prevented, costs.perCall),
          goodwill: times(prevented, costs.goodwillPerCall),
          overtime: times(
            prevented,
            (costs.overtime.share * costs.overtime.perHour * costs.overtime.handleSeconds) / 3600,
          ),
          net: minus(times(prevented, each), spent),
          costPerCallAvoided: prevented.value > 0 ? month.smsCost / prevented.value : null,
        }
      : {}),
    smsCost: month.smsCost,
    runningCost: costs.runningPerMonth,
    baseline: againstBaseline(month, rules),
  };
}

function againstBaseline(
  { month, told, callsOfTold }: MonthOfMessages,
  { baseline }: EffectRules,
): EffectStatement['baseline'] {
  if (baseline === null) return { status: 'none', reason: 'no baseline is fixed' };
  if (Date.parse(baseline.fixedOn) > Date.parse(month)) {
    return { status: 'none', reason: `fixed on ${baseline.fixedOn}, after the month began` };
  }
  const expected = (told * baseline.callsPer1000) / 1000;
  return {
    status: 'compared',
    reason: `fixed on ${baseline.fixedOn}: ${baseline.callsPer1000} calls per 1,000 affected`,
    expectedCalls: expected,
    calls: callsOfTold,
    fewerCalls: expected - callsOfTold,
  };
}

function times({ value, lo, hi }: EffectFigure, by: number): EffectFigure {
  return { value: value * by, lo: lo * by, hi: hi * by };
}

function minus({ value, lo, hi }: EffectFigure, spent: number): EffectFigure {
  return { value: value - spent, lo: lo - spent, hi: hi - spent };
}
