import type { LaneKpi } from '../domain/lane.js';
import type { Column } from './column.js';
import type { DetectionRules } from './rules.js';

/**
 * The scale on which a KPI's scatter is about even:
 * - `share`: 2·asin(√p), whose variance for s of n successes is 1/n (Anscombe 1948)
 * - `log`: ln(x/unit + offset), for what varies in proportion; the offset keeps zero finite
 * - `linear`: x/unit
 */
export type Scale = 'share' | 'log' | 'linear';

/** What the hot loop needs of a KPI, worked out once. */
export interface KpiPlan {
  readonly name: string;
  readonly unit: string;
  readonly scale: Scale;
  /** binomial sampling variance applies where attempts are given */
  readonly isRatio: boolean;
  /** direction that hurts: -1 low, 1 high, 0 both */
  readonly bad: -1 | 0 | 1;
  /** `share`: p = (x - shareLo) / shareSpan */
  readonly shareLo: number;
  readonly shareSpan: number;
  /** `log`: the offset as a share of the unit */
  readonly offset: number;
  /** `log`: where zero lies on the scale */
  readonly zeroAt: number;
  /** value of one step of a stored profile knot */
  readonly knotStep: number;
  readonly stepsPerUnit: number;
  /** least standard deviation on the scale */
  readonly leastSpread: number;
  /** least share of service lost that counts */
  readonly leastLoss: number;
  readonly isTraffic: boolean;
  readonly isAvailability: boolean;
  readonly weight: number;
}

function isShare(kpi: LaneKpi): boolean {
  const { kind, range, unit } = kpi.definition;
  if (kind === 'ratio') return true;
  if (kind !== 'gauge' || range === undefined) return false;
  const span = range[1] - range[0];
  return span <= 1.5 || (span === 100 && range[0] === 0 && unit.includes('%'));
}

function scaleOf(kpi: LaneKpi): Scale {
  if (isShare(kpi)) return 'share';
  const { kind, range } = kpi.definition;
  return kind === 'count' || (range !== undefined && range[0] >= 0) ? 'log' : 'linear';
}

function leastLossOf(kpi: LaneKpi, rules: DetectionRules): number {
  const { kind, role } = kpi.definition;
  if (role === 'availability') return rules.leastLoss.availability;
  // where zero is a place like any other (dBm), a share of the value says nothing
  if (scaleOf(kpi) === 'linear') return 0;
  return rules.leastLoss[kind];
}

const LEAST_SPREAD: Record<Scale, number> = { share: 0.02, log: 0.06, linear: 0.004 };
const KNOT_STEP: Record<Scale, number> = { share: 1 / 8192, log: 1 / 2048, linear: 1 / 2048 };
const BAD = { low: -1, high: 1, both: 0 } as const;

/** Works out how one KPI is tested. */
export function planKpi(kpi: LaneKpi, rules: DetectionRules): KpiPlan {
  const { definition } = kpi;
  const scale = scaleOf(kpi);
  const isRatio = definition.kind === 'ratio';
  const offset = definition.kind === 'count' ? 0.1 : 0.3;
  const [lo, hi] = !isRatio && scale === 'share' && definition.range ? definition.range : [0, 1];
  return {
    name: kpi.name,
    unit: definition.unit,
    scale,
    isRatio,
    bad: BAD[definition.bad],
    shareLo: lo,
    shareSpan: hi - lo,
    offset,
    zeroAt: Math.log(offset),
    knotStep: KNOT_STEP[scale],
    stepsPerUnit: 1 / KNOT_STEP[scale],
    leastSpread: isRatio ? 1 / Math.sqrt(rules.priorStrength + 1) : LEAST_SPREAD[scale],
    leastLoss: leastLossOf(kpi, rules),
    isTraffic: definition.traffic === true,
    isAvailability: definition.role === 'availability',
    weight: definition.weight ?? 1,
  };
}

/**
 * A value on its even scale. @param attempts denominator of a ratio, NaN when unknown
 * @param unit the series' own unit, for `log` and `linear`
 */
export function forward(plan: KpiPlan, x: number, attempts: number, unit: number): number {
  if (plan.scale === 'share') {
    let p = plan.shareSpan === 1 ? x - plan.shareLo : (x - plan.shareLo) / plan.shareSpan;
    if (attempts === attempts) p = (p * attempts + 0.375) / (attempts + 0.75);
    return angle(p);
  }
  if (plan.scale === 'log') return Math.log((x < 0 ? 0 : x) / unit + plan.offset);
  return x / unit;
}

/** 2·asin(√p): near 0 and 1 by the series of the arcsine, to 1e-6, which is thrice as fast. */
function angle(p: number): number {
  if (p <= 0) return 0;
  if (p >= 1) return Math.PI;
  if (p >= 0.2 && p <= 0.8) return 2 * Math.asin(Math.sqrt(p));
  const half = 2 * arcsine(p < 0.5 ? p : 1 - p);
  return p < 0.5 ? half : Math.PI - half;
}

function arcsine(q: number): number {
  const tail = q * (0.030381944 + q * (0.022372159 + q * (0.017352764 + q * 0.01396484)));
  return Math.sqrt(q) * (1 + q * (0.16666666666 + q * (0.075 + q * (0.044642857 + tail))));
}

/** The value that stands at `y` on the even scale, within what the scale can say. */
export function inverse(plan: KpiPlan, y: number, unit: number): number {
  if (plan.scale === 'share') {
    const half = Math.sin((y < 0 ? 0 : y > Math.PI ? Math.PI : y) / 2);
    return plan.shareLo + plan.shareSpan * half * half;
  }
  if (plan.scale === 'log') {
    const x = (Math.exp(y) - plan.offset) * unit;
    return x < 0 ? 0 : x;
  }
  return y * unit;
}

/**
 * Share of the service lost when `observed` came instead of `expected`, in [0,1]. For a ratio that
 * should be high, successes lost of those expected; for one that should be low, what failed of what
 * should not have; for other KPIs the shortfall (or excess) as a share of the larger of the two.
 */
export function lossOf(plan: KpiPlan, observed: number, expected: number): number {
  const isHighBad = plan.bad === 1 || (plan.bad === 0 && observed > expected);
  let loss: number;
  if (plan.scale === 'share') {
    const p = (observed - plan.shareLo) / plan.shareSpan;
    const q = (expected - plan.shareLo) / plan.shareSpan;
    loss = isHighBad ? (q < 1 ? (p - q) / (1 - q) : 0) : q > 0 ? (q - p) / q : 0;
  } else if (plan.scale === 'linear') {
    const change = isHighBad ? observed - expected : expected - observed;
    loss = change / Math.max(Math.abs(observed), Math.abs(expected), Number.MIN_VALUE);
  } else if (isHighBad) {
    loss = observed > 0 ? (observed - expected) / observed : 0;
  } else {
    loss = expected > 0 ? (expected - observed) / expected : 0;
  }
  return loss < 0 ? 0 : loss > 1 ? 1 : loss;
}

/**
 * Distances of a column's readings from what was expected, on the KPI's even scale and in standard
 * deviations; fills in sd, residual and z.
 * @param units the series' own units, by series
 */
export function standardise(plan: KpiPlan, column: Column, units: Float32Array): void {
  if (plan.scale === 'share') shareResiduals(plan, column);
  else if (plan.scale === 'log') logResiduals(plan, column, units);
  else linearResiduals(column, units);
}

function shareResiduals(plan: KpiPlan, column: Column): void {
  const { count, x, attempts, mean, variance, sd, residual, z } = column;
  const { shareLo, isRatio } = plan;
  const perSpan = 1 / plan.shareSpan;
  for (let i = 0; i < count; i++) {
    const n = isRatio ? (attempts[i] ?? Number.NaN) : Number.NaN;
    let p = ((x[i] ?? 0) - shareLo) * perSpan;
    if (n === n) p = (p * n + 0.375) / (n + 0.75);
    const scatter = variance[i] ?? 1;
    // successes of attempts scatter by 1 / n on this scale
    const s = Math.sqrt(n === n ? scatter + 1 / (n + 0.75) : scatter);
    const r = angle(p) - (mean[i] ?? 0);
    sd[i] = s;
    residual[i] = r;
    z[i] = r / s;
  }
}

function logResiduals(plan: KpiPlan, column: Column, units: Float32Array): void {
  const { count, x, series, mean, variance, sd, residual, z } = column;
  const { offset } = plan;
  for (let i = 0; i < count; i++) {
    const value = x[i] ?? 0;
    const scaled = (value < 0 ? 0 : value) / (units[series[i] ?? 0] ?? 1);
    const s = Math.sqrt(variance[i] ?? 1);
    const r = Math.log(scaled + offset) - (mean[i] ?? 0);
    sd[i] = s;
    residual[i] = r;
    z[i] = r / s;
  }
}

function linearResiduals(column: Column, units: Float32Array): void {
  const { count, x, series, mean, variance, sd, residual, z } = column;
  for (let i = 0; i < count; i++) {
    const s = Math.sqrt(variance[i] ?? 1);
    const r = (x[i] ?? 0) / (units[series[i] ?? 0] ?? 1) - (mean[i] ?? 0);
    sd[i] = s;
    residual[i] = r;
    z[i] = r / s;
  }
}
