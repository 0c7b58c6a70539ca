import type { EffectReport, EffectStatement } from '../../domain/effect.js';
import { type ComplaintCounts, judgeComplaints } from './complaint-loop.js';
import { learnEffect } from './drift.js';
import { poolEffects } from './estimate.js';
import type { MeasuredEffect, MonthSpent } from './ports.js';
import { controlShare, type EffectRules } from './rules.js';
import { stateMonth } from './statement.js';

/** Incidents that a report lists one by one. */
const LISTED = 50;
const DESIGNS = ['controlGroup', 'sendingOrder', 'areaOrder'] as const;

/** What is measured so far, by design, and whether people mind. @param measured oldest first */
export function reportEffect(
  measured: readonly MeasuredEffect[],
  complaints: ComplaintCounts,
  rules: EffectRules,
  nowMs: number,
): EffectReport {
  const designs = DESIGNS.flatMap((design) => {
    const observed = measured.flatMap((each) =>
      each.observed.design === design ? [each.observed] : [],
    );
    const all = poolEffects(observed);
    if (!all) return [];
    const { drift, reason, estimate } = learnEffect(observed, rules.driftIncidents);
    return [{ estimate: estimate ?? all, drift, driftReason: reason }];
  });
  const verdict = judgeComplaints(complaints, rules.complaints);
  const { controlGroup: group } = rules;
  return {
    designs,
    incidents: measured
      .slice(-LISTED)
      .reverse()
      .map(({ incidentId, endedAtMs, estimate }) => ({
        incidentId,
        endedAt: new Date(endedAtMs).toISOString(),
        estimate,
      })),
    complaints: { ...complaints, windowHours: rules.complaints.windowHours, ...verdict },
    controlGroup: group
      ? {
          share: group.share,
          approvedBy: group.approvedBy,
          until: group.until,
          minPeople: group.minPeople,
          isOn: controlShare(group, group.minPeople, nowMs) > 0,
        }
      : null,
  };
}

/** First days of a month and of the next. @param month `2026-11` */
export function monthSpan(month: string): { readonly first: string; readonly next: string } {
  const [year = 1970, number = 1] = month.split('-').map(Number);
  const day = (months: number): string =>
    new Date(Date.UTC(year, months, 1)).toISOString().slice(0, 10);
  return { first: day(number - 1), next: day(number) };
}

/**
 * The statement of one month. The design that says most counts: the control group's where it is
 * measurable, else the sending order's.
 * @param price of one segment, in the statement's currency
 */
export function monthStatement(
  first: string,
  measured: readonly MeasuredEffect[],
  { segments }: MonthSpent,
  { rules, price }: { readonly rules: EffectRules; readonly price: number },
): EffectStatement {
  const pooled = DESIGNS.flatMap((design) => {
    const own = measured.filter(({ observed }) => observed.design === design);
    const effect = poolEffects(own.map(({ observed }) => observed));
    return effect ? [effect] : [];
  });
  const effect = pooled.find(({ status }) => status === 'measured') ?? pooled[0];
  return stateMonth(
    {
      month: first,
      effect,
      segments,
      smsCost: segments * price,
      told: measured.reduce((sum, { observed }) => sum + observed.told, 0),
      callsOfTold: measured.reduce((sum, { observed }) => sum + observed.callsAfterTold, 0),
    },
    rules,
  );
}
