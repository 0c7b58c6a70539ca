import type { Anomaly, AnomalyKind } from '../domain/anomaly.js';
import { contentId } from '../domain/ids.js';
import type { LaneSpec } from '../domain/lane.js';
import type { HardLimit } from './rules.js';

/** What a verdict says of a KPI; times in epoch ms. */
export interface Finding {
  readonly kpi: string;
  readonly unit: string;
  readonly kind: AnomalyKind;
  readonly startedAtMs: number;
  readonly detectedAtMs: number;
  readonly endedAtMs: number | null;
  readonly observed: number | null;
  readonly expected: number | null;
  readonly band: { readonly lo: number; readonly hi: number } | null;
  /** improbability by chance in nats: -ln P */
  readonly nats: number;
  readonly degree: number;
  /** the hard limit that was crossed */
  readonly limit?: HardLimit;
  /** ends the sentence: why it cleared */
  readonly ending?: string;
  /** it is taken for the new normal */
  readonly accepted?: Anomaly['accepted'];
}

const SURE_NATS = 23;

/** Improbability in [0,1): one minus the probability that chance alone did it, so many nats deep. */
export function scoreOf(nats: number): number {
  return Math.round(-Math.expm1(-Math.min(nats, SURE_NATS)) * 1e10) / 1e10;
}

/** The anomaly a finding about an object stands for; the id follows from what it is about. */
export function anomalyOf(lane: LaneSpec, objectId: string, finding: Finding): Anomaly {
  const { kpi, kind, startedAtMs, detectedAtMs, endedAtMs } = finding;
  return {
    id: contentId('ano', lane.feed, lane.objectType, objectId, kpi, kind, startedAtMs),
    feed: lane.feed,
    objectType: lane.objectType,
    objectId,
    kpi,
    kind,
    startedAtMs,
    detectedAtMs,
    endedAtMs,
    observed: finding.observed,
    expected: finding.expected === null ? null : significant(finding.expected),
    band:
      finding.band === null
        ? null
        : { lo: significant(finding.band.lo), hi: significant(finding.band.hi) },
    score: scoreOf(finding.nats),
    degree: Math.round(finding.degree * 1e4) / 1e4,
    reason: reasonOf(finding),
    ...(finding.accepted === undefined ? {} : { accepted: finding.accepted }),
  };
}

function reasonOf(finding: Finding): string {
  const since = new Date(finding.startedAtMs).toISOString().replace('.000Z', 'Z');
  const unit = finding.unit === 'ratio' || finding.unit === '' ? '' : ` ${finding.unit}`;
  const of = (x: number | null): string => (x === null ? 'nothing' : `${shortNumber(x)}${unit}`);
  const odds = oddsOf(finding.nats);
  const tail = finding.ending ? `; ${finding.ending}` : '';
  if (finding.kind === 'silence') {
    return `no report since ${since} where one is expected; so many lost reports by chance: ${odds}${tail}`;
  }
  if (finding.limit) {
    const { below, above } = finding.limit;
    const wanted = [
      ...(below === undefined ? [] : [`at least ${of(below)}`]),
      ...(above === undefined ? [] : [`at most ${of(above)}`]),
    ].join(' and ');
    return `${finding.kpi} ${of(finding.observed)} where the rules want ${wanted}; since ${since}${tail}`;
  }
  const band = finding.band
    ? ` (band ${shortNumber(finding.band.lo)} to ${shortNumber(finding.band.hi)})`
    : '';
  const what = finding.kind === 'zeroTraffic' ? 'traffic gone: ' : '';
  return `${what}${finding.kpi} ${of(finding.observed)} against ${of(finding.expected)} expected${band}; a run like this by chance: ${odds}; since ${since}${tail}`;
}

function oddsOf(nats: number): string {
  if (nats > SURE_NATS) return 'less than 1 in 10 billion';
  const odds = Math.exp(nats);
  if (odds < 1000) return `1 in ${Math.round(odds)}`;
  const scale: readonly (readonly [number, string])[] = [
    [1e9, 'billion'],
    [1e6, 'million'],
    [1e3, 'thousand'],
  ];
  const [size, word] = scale.find(([least]) => odds >= least) ?? [1, ''];
  return `1 in ${Number((odds / size).toPrecision(2))} ${word}`;
}

/** Six significant digits: what single precision is good for. */
function significant(x: number): number {
  return Number(x.toPrecision(6));
}

function shortNumber(x: number): string {
  return String(Number(x.toPrecision(4)));
}
