import { Random, textHash } from '../../../../../simulators/random.js';
import { createCorrelate } from '../../../../correlate/correlate.js';
import { createDetect } from '../../../../detect/detect.js';
import type { Fact } from '../../../../domain/facts.js';
import type { ReportBlock } from '../../../../domain/kpi.js';
import { type ReplayStages, type ReplayStep, replay } from '../../../../replay.js';
import type { ShippedRules } from '../warm-world.js';
import { type Degradation, type DegradationKind, degradeBlock, kpisTouchedBy } from './degrade.js';
import { IncidentLog } from './incident-log.js';
import { type RealSet, startOf } from './read-set.js';

/** Shares of the service lost. */
export const DEPTHS = [0.1, 0.2, 0.3, 0.5, 0.75, 1] as const;
/** Periods that a degradation lasts. */
export const LENGTHS = [1, 2, 3, 4, 6, 8, 12] as const;
const KINDS: readonly DegradationKind[] = ['oneKpi', 'quality', 'traffic'];
const LONGEST = Math.max(...LENGTHS);
const HISTORY_DAYS = 14;
/** An incident of the object that ended so shortly before may be reopened instead. */
const AFTERMATH_MS = 86_400_000;

/** One degradation put into real series, and after how many periods an incident was open. */
export interface Trial {
  readonly kind: DegradationKind;
  readonly depth: number;
  readonly objectId: string;
  readonly startMs: number;
  /** 1 is with the first degraded report; undefined when not within the longest length */
  readonly openedAfter: number | undefined;
}

/** Where a degradation is put in. */
interface Place {
  readonly period: number;
  readonly objectId: string;
  readonly oneKpi: number;
}

/** Stages in their first state. */
export function newStages({ lane, rows }: RealSet, rules: ShippedRules): ReplayStages {
  return {
    detect: createDetect([lane], rules.detection),
    correlate: createCorrelate(rows, rules.correlation, [lane]),
  };
}

/** Judges periods in order. */
export async function judge(
  { lane }: RealSet,
  stages: ReplayStages,
  periods: readonly ReportBlock[],
  onStep: (step: ReplayStep) => void,
): Promise<void> {
  const facts = periods.map((block): Fact => ({ kind: 'reports', block }));
  await replay(facts, stages, { lanes: [lane], onStep });
}

function drawPlaces(set: RealSet, count: number, seed: number): Place[] {
  const random = new Random(seed, textHash(set.name));
  const first = Math.ceil((HISTORY_DAYS * 86_400) / set.lane.periodSeconds);
  const room = set.periods.length - LONGEST - first;
  const quality = kpisTouchedBy('oneKpi', set.lane.kpis);
  if (room <= 0 || quality.length === 0) return [];
  return Array.from({ length: count }, () => ({
    period: first + random.below(room),
    objectId: random.pick(set.objects),
    oneKpi: random.pick(quality),
  })).sort((a, b) => a.period - b.period);
}

function degradationOf(set: RealSet, place: Place, kind: DegradationKind, depth: number) {
  const kpis = kind === 'oneKpi' ? [place.oneKpi] : kpisTouchedBy(kind, set.lane.kpis);
  return { objectId: place.objectId, kpis: new Set(kpis), depth } satisfies Degradation;
}

/** Runs the degraded periods from a state on. @returns undefined when nothing could be degraded */
async function tryOne(
  set: RealSet,
  stages: ReplayStages,
  window: readonly ReportBlock[],
  degradation: Degradation,
): Promise<{ readonly openedAfter: number | undefined } | undefined> {
  let isChanged = false;
  const periods = window.map((block) => {
    const worse = degradeBlock(block, set.lane.kpis, degradation);
    if (worse !== undefined) isChanged = true;
    return worse ?? block;
  });
  const [first] = periods;
  if (!isChanged || first === undefined) return undefined;
  const log = new IncidentLog();
  await judge(set, stages, periods, (step) => log.add(step));
  const openedMs = log.firstOpenedMs(degradation.objectId, startOf(first));
  if (openedMs === undefined) return { openedAfter: undefined };
  const passedMs = openedMs - startOf(first);
  return { openedAfter: Math.ceil(passedMs / (set.lane.periodSeconds * 1000)) };
}

/**
 * Puts degradations into real series at random hours of random objects. The state before each hour
 * is kept, and every degradation goes on from it. A longer one is the same as a shorter one until
 * the shorter one ends, so one run of the longest tells for all lengths.
 *
 * @param log incidents of the series as it is: where one holds the object then or
 *   shortly before, nothing is tried
 * @param places hours to try
 */
export async function injectInto(
  set: RealSet,
  rules: ShippedRules,
  log: IncidentLog,
  { places, seed }: { readonly places: number; readonly seed: number },
): Promise<Trial[]> {
  const base = newStages(set, rules);
  const trials: Trial[] = [];
  let judged = 0;
  for (const place of drawPlaces(set, places, seed)) {
    await judge(set, base, set.periods.slice(judged, place.period), () => undefined);
    judged = Math.max(judged, place.period);
    const window = set.periods.slice(place.period, place.period + LONGEST);
    const [first, last] = [window[0], window.at(-1)];
    if (first === undefined || last === undefined) continue;
    const isTaken = log
      .spellsOf(place.objectId)
      .some(({ fromMs, toMs }) => fromMs <= startOf(last) && toMs + AFTERMATH_MS >= startOf(first));
    if (isTaken) continue;
    const detected = base.detect.snapshot();
    const correlated = base.correlate.snapshot();
    for (const kind of KINDS) {
      for (const depth of DEPTHS) {
        const stages = newStages(set, rules);
        stages.detect.restore(detected);
        stages.correlate.restore(correlated);
        const found = await tryOne(set, stages, window, degradationOf(set, place, kind, depth));
        if (found === undefined) continue;
        const { objectId } = place;
        trials.push({ kind, depth, objectId, startMs: startOf(first), ...found });
      }
    }
  }
  return trials;
}
