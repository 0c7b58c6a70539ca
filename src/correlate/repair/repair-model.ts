import {
  type Calibration,
  IDENTITY,
  learnCalibration,
  natsWhere,
  type Placed,
  survives,
} from './calibration.js';
import { Course, type Hazard } from './hazard.js';
import { fitHazard } from './hazard-fit.js';
import { asKnownAt, type PastRepair, type RepairSubject } from './past-repair.js';

/** What past incidents say of the time to repair; plain JSON. */
export interface RepairModel {
  readonly hazard: Hazard;
  readonly calibration: Calibration;
  /** past incidents with a known end that it rests on */
  readonly basedOn: number;
}

/** When service is expected back, epoch ms, given that it was not by the time of asking. */
export interface RepairEstimate {
  readonly medianMs: number;
  readonly lowMs: number;
  readonly highMs: number;
}

export interface FitOptions {
  /** ends below which there is no model; at least 1 */
  readonly minEnds: number;
  /** what is known by then is learnt from; epoch ms */
  readonly asOfMs: number;
}

/** Shares of the past from which each next part is foretold, to see how far off the model is. */
const ORIGINS = [0.4, 0.6, 0.8, 1] as const;
/** Fewer ends than this behind a model: it is not tried on what follows. */
const LEAST_TO_TRY = 20;

function hasEnded({ endedByMs }: PastRepair): boolean {
  return endedByMs !== null;
}

/** Where the incident ended on the model's own scale. */
function place(hazard: Hazard, past: PastRepair): Placed {
  const course = new Course(hazard, past);
  const share = (atMs: number): number => -Math.expm1(-course.natsAt(atMs - past.startedAtMs));
  return {
    from: share(past.endedAfterMs),
    to: past.endedByMs === null ? 1 : share(past.endedByMs),
  };
}

/** Foretells later parts of the past from earlier ones, labels as they were known then. */
function tryOnLater(past: readonly PastRepair[]): Placed[] {
  const placed: Placed[] = [];
  const at = (share: number): number => Math.floor(share * past.length);
  for (const [i, origin] of ORIGINS.slice(0, -1).entries()) {
    const later = past.slice(at(origin), at(ORIGINS[i + 1] ?? 1));
    const [first] = later;
    if (first === undefined) continue;
    const earlier = asKnownAt(past, first.knownAtMs);
    if (earlier.filter(hasEnded).length < LEAST_TO_TRY) continue;
    const hazard = fitHazard(earlier);
    for (const each of later) placed.push(place(hazard, each));
  }
  return placed;
}

/**
 * Learns from past incidents, in any order; open ones count as lasting at least until `asOfMs`.
 * Costs about 25 ms per 1,000 incidents on one core.
 * @returns null with fewer ends than `minEnds`: then nothing is claimed
 */
export function fitRepairModel(
  incidents: readonly PastRepair[],
  { minEnds, asOfMs }: FitOptions,
): RepairModel | null {
  const past = asKnownAt(incidents, asOfMs);
  past.sort((a, b) => a.knownAtMs - b.knownAtMs || a.startedAtMs - b.startedAtMs);
  const basedOn = past.filter(hasEnded).length;
  if (basedOn < minEnds) return null;
  const placed = tryOnLater(past);
  return {
    hazard: fitHazard(past),
    calibration: placed.length === 0 ? IDENTITY : learnCalibration(placed),
    basedOn,
  };
}

/**
 * When it will be over, given that it lasted until `nowMs`. More time survived never lowers any of
 * the three, and none is before `nowMs`.
 * @param band share of such incidents that end between low and high, in (0, 1)
 */
export function estimateRepair(
  { hazard, calibration }: RepairModel,
  subject: RepairSubject,
  nowMs: number,
  band: number,
): RepairEstimate {
  const course = new Course(hazard, subject);
  const nats = course.natsAt(nowMs - subject.startedAtMs);
  const now = survives(calibration, nats);
  const endAfter = (share: number): number => {
    const there =
      now > 1e-280 ? natsWhere(calibration, now * (1 - share)) : nats - Math.log1p(-share);
    return Math.max(nowMs, Math.round(subject.startedAtMs + course.ageAt(there)));
  };
  return {
    lowMs: endAfter((1 - band) / 2),
    medianMs: endAfter(0.5),
    highMs: endAfter((1 + band) / 2),
  };
}
