import type { ReportBlock } from '../../../../domain/kpi.js';
import type { LaneKpi } from '../../../../domain/lane.js';

/**
 * - `oneKpi`: one quality KPI alone
 * - `quality`: every quality KPI of the object
 * - `traffic`: users and volume, with quality as it is: a cell that few find
 */
export type DegradationKind = 'oneKpi' | 'quality' | 'traffic';

/** What is taken from one object. */
export interface Degradation {
  readonly objectId: string;
  /** KPIs by their place in the lane */
  readonly kpis: ReadonlySet<number>;
  /** share of the service lost, in (0,1] */
  readonly depth: number;
}

function isQuality({ definition: { role = 'quality', bad, kind } }: LaneKpi): boolean {
  return role === 'quality' && (kind === 'ratio' || (kind === 'gauge' && bad === 'low'));
}

/** Places of the KPIs that a degradation of this kind may touch, ascending. */
export function kpisTouchedBy(kind: DegradationKind, kpis: readonly LaneKpi[]): number[] {
  return kpis.flatMap((kpi, at) => {
    const isTouched = kind === 'traffic' ? kpi.definition.role === 'traffic' : isQuality(kpi);
    return isTouched ? [at] : [];
  });
}

/** A value with a share of the service gone: fewer successes, more failures, a lower level. */
export function degraded(value: number, { definition }: LaneKpi, depth: number): number {
  const isFailures = definition.kind === 'ratio' && definition.bad === 'high';
  return isFailures ? 1 - (1 - value) * (1 - depth) : value * (1 - depth);
}

/**
 * A copy of a period's reports with the degradation put in.
 * @returns undefined when it changes nothing: the object did not report, or there was nothing to lose
 */
export function degradeBlock(
  block: ReportBlock,
  kpis: readonly LaneKpi[],
  { objectId, kpis: touched, depth }: Degradation,
): ReportBlock | undefined {
  const row = block.objectIds.indexOf(objectId);
  if (row < 0) return undefined;
  const values = block.values.slice();
  let isChanged = false;
  for (const at of touched) {
    const kpi = kpis[at];
    const place = row * block.kpis.length + at;
    const before = values[place] ?? Number.NaN;
    if (kpi === undefined || before !== before) continue;
    values[place] = degraded(before, kpi, depth);
    if (values[place] !== before) isChanged = true;
  }
  return isChanged ? { ...block, values } : undefined;
}
