import type { LaneSpec } from '../domain/lane.js';
import { inverse, type KpiPlan } from './kpi-plan.js';
import type { LaneEvents } from './lane-events.js';
import type { LimitChange } from './limit-watch.js';
import type { Judgement } from './object-judge.js';
import type { Presence } from './presence.js';
import type { Reading } from './reading.js';
import type { HardLimit } from './rules.js';
import { PHASE, type SeriesStore } from './series-store.js';
import { anomalyOf, type Finding, scoreOf } from './verdict.js';

interface VerdictOptions {
  readonly spec: LaneSpec;
  readonly plans: readonly KpiPlan[];
  readonly store: SeriesStore;
  readonly presence: Presence;
  readonly events: LaneEvents;
  /** least score at which silence is told */
  readonly leastSilence: number;
}

/** Which reading a judgement is about. */
export interface Judged {
  readonly series: number;
  readonly kpi: number;
  readonly objectId: string;
  readonly reading: Reading;
  /** improbability of the evidence by chance: -ln P */
  readonly nats: number;
}

type Ending = Pick<Finding, 'ending' | 'endedAtMs' | 'accepted'>;

const TOLD_STEPS = 255;
const WORTH_TELLING = 0.15;
const BAND_SD = 3;
/** a limit is the operator's word: as improbable as one in three million */
const LIMIT_NATS = 15;
/** silence that no lost reports explain */
const SURE_SILENCE = 15;

const ACCEPTED: Partial<Record<Judgement, Required<Pick<Ending, 'ending' | 'accepted'>>>> = {
  accepted: {
    ending: 'has lasted so long that it is taken for the new normal',
    accepted: 'lasting',
  },
  acceptedByWord: {
    ending: "is taken for the new normal on an operator's word",
    accepted: 'operator',
  },
};

/** Puts judgements into the words and times of anomalies. */
export class LaneVerdicts {
  readonly #o: VerdictOptions;
  readonly #periodMs: number;
  #atMs = 0;
  #period = 0;

  constructor(options: VerdictOptions) {
    this.#o = options;
    this.#periodMs = options.spec.periodSeconds * 1000;
  }

  /** Names the period that what follows belongs to. */
  beginPeriod(period: number): void {
    this.#period = period;
    this.#atMs = (period + 1) * this.#periodMs;
  }

  /** An object's first report. */
  observed(objectId: string): void {
    const { feed, objectType } = this.#o.spec;
    const atMs = this.#atMs;
    this.#o.events.add(objectId, { type: 'observed', atMs, feed, objectType, objectId });
  }

  /** Traffic clearly above expectation. @param ratio observed over expected */
  surplus(objectId: string, ratio: number): void {
    const untilMs = this.#atMs + this.#periodMs;
    const rounded = Math.round(ratio * 1000) / 1000;
    this.#o.events.add(objectId, {
      type: 'surplus',
      atMs: this.#atMs,
      untilMs,
      objectId,
      ratio: rounded,
    });
  }

  /**
   * Traffic above expectation while others are silent.
   * @param z in robust standard deviations
   * @param ratio observed over expected
   */
  rise(objectId: string, z: number, ratio: number): void {
    const told = { z: Math.round(z * 100) / 100, ratio: Math.round(ratio * 1000) / 1000 };
    this.#o.events.add(objectId, { type: 'rise', atMs: this.#atMs, objectId, ...told });
  }

  /** What a reading led to: an anomaly begins, is worth telling anew, or ends. */
  judged(judgement: Judgement, judged: Judged): void {
    const { store } = this.#o;
    const { series, reading } = judged;
    if (judgement === 'raised') {
      this.#tell('raised', judged);
      return;
    }
    if (judgement === 'lasting') {
      const told = (store.told[series] ?? 0) / TOLD_STEPS;
      if (Math.abs(reading.loss - told) >= WORTH_TELLING) this.#tell('updated', judged);
      return;
    }
    const lastBad = store.lastBad[series] ?? 0;
    const endedAtMs = (lastBad + 1) * this.#periodMs;
    const periods = lastBad - (store.since[series] ?? 0) + 1;
    const back = `back within its band after ${periods} ${periods === 1 ? 'period' : 'periods'}`;
    const ending = ACCEPTED[judgement] ?? { ending: back };
    this.#tell('cleared', judged, { ...ending, endedAtMs });
  }

  /** A KPI under a verdict is no longer reported. */
  unreported(series: number, kpi: number, objectId: string): void {
    const endedAtMs = ((this.#o.store.lastBad[series] ?? 0) + 1) * this.#periodMs;
    const finding: Finding = {
      ...this.#about(series, kpi),
      endedAtMs,
      observed: null,
      expected: null,
      band: null,
      nats: 0,
      degree: 0,
      ending: 'no longer reported',
    };
    this.#o.events.anomaly('cleared', this.#atMs, anomalyOf(this.#o.spec, objectId, finding));
  }

  /** A report is missing once more. */
  silent(object: number, objectId: string): void {
    const { presence, leastSilence } = this.#o;
    const nats = presence.missed(object) * presence.natsPerLoss;
    if (presence.raisedAt(object) === 0) {
      if (scoreOf(nats) < leastSilence) return;
      presence.raise(object, this.#period);
      this.#silence('raised', object, objectId);
    } else if (nats >= SURE_SILENCE && nats - presence.natsPerLoss < SURE_SILENCE) {
      this.#silence('updated', object, objectId);
    }
  }

  /** An object whose silence was told reports again; called before presence takes the report. */
  silenceEnded(object: number, objectId: string): void {
    const endedAtMs = this.#period * this.#periodMs;
    this.#silence('cleared', object, objectId, { ending: 'reports again', endedAtMs });
  }

  /** An object has been silent for so long that it is taken out of service. */
  forgotten(object: number, objectId: string): void {
    const { presence, plans, store } = this.#o;
    const ending = 'silent for so long that it is taken out of service';
    const endedAtMs = this.#atMs;
    for (let kpi = 0; kpi < plans.length; kpi++) {
      const series = object * plans.length + kpi;
      if ((store.phase[series] ?? 0) >= PHASE.raised) this.unreported(series, kpi, objectId);
    }
    if (presence.raisedAt(object) === 0) return;
    this.#silence('cleared', object, objectId, { ending, endedAtMs });
  }

  /** A hard limit was crossed, or kept again. */
  limit(change: LimitChange, kpi: number, objectId: string, x: number): void {
    const plan = this.#o.plans[kpi];
    const { limit } = change;
    const isCleared = change.type === 'cleared';
    const finding: Finding = {
      kpi: plan?.name ?? limit.kpi,
      unit: plan?.unit ?? '',
      kind: 'limit',
      startedAtMs: change.since * this.#periodMs,
      detectedAtMs: this.#atMs,
      endedAtMs: isCleared ? (change.lastBad + 1) * this.#periodMs : null,
      observed: x,
      expected: null,
      band: null,
      limit,
      nats: LIMIT_NATS,
      degree: isCleared ? 0 : breachDegree(limit, x),
      ...(isCleared ? { ending: 'within the limit again' } : {}),
    };
    this.#o.events.anomaly(change.type, this.#atMs, anomalyOf(this.#o.spec, objectId, finding));
  }

  #tell(type: 'raised' | 'updated' | 'cleared', judged: Judged, ending?: Ending): void {
    const { store, spec, plans, events } = this.#o;
    const { series, kpi, reading, nats, objectId } = judged;
    const { mean, sd, unit, x, loss } = reading;
    const plan = plans[kpi];
    if (!plan) return;
    const lo = inverse(plan, mean - BAND_SD * sd, unit);
    const hi = inverse(plan, mean + BAND_SD * sd, unit);
    const finding: Finding = {
      ...this.#about(series, kpi),
      endedAtMs: null,
      observed: x,
      expected: inverse(plan, mean, unit),
      band: { lo, hi },
      nats,
      degree: loss,
      ...ending,
    };
    store.told[series] = Math.round(loss * TOLD_STEPS);
    events.anomaly(type, this.#atMs, anomalyOf(spec, objectId, finding));
  }

  /** What stays the same of an anomaly as long as it lasts. */
  #about(
    series: number,
    kpi: number,
  ): Pick<Finding, 'kpi' | 'unit' | 'kind' | 'startedAtMs' | 'detectedAtMs'> {
    const { store, plans } = this.#o;
    return {
      kpi: plans[kpi]?.name ?? '',
      unit: plans[kpi]?.unit ?? '',
      kind: store.phase[series] === PHASE.raisedZero ? 'zeroTraffic' : 'deviation',
      startedAtMs: (store.since[series] ?? 0) * this.#periodMs,
      detectedAtMs: ((store.raisedAt[series] ?? 0) + 1) * this.#periodMs,
    };
  }

  #silence(
    type: 'raised' | 'updated' | 'cleared',
    object: number,
    objectId: string,
    ending?: Ending,
  ): void {
    const { presence, spec } = this.#o;
    const finding: Finding = {
      kpi: '',
      unit: '',
      kind: 'silence',
      startedAtMs: presence.since(object) * this.#periodMs,
      detectedAtMs: (presence.raisedAt(object) + 1) * this.#periodMs,
      endedAtMs: ending?.endedAtMs ?? null,
      observed: null,
      expected: null,
      band: null,
      nats: presence.missed(object) * presence.natsPerLoss,
      degree: 1,
      ...(ending?.ending === undefined ? {} : { ending: ending.ending }),
    };
    this.#o.events.anomaly(type, this.#atMs, anomalyOf(spec, objectId, finding));
  }
}

function breachDegree({ below, above }: HardLimit, x: number): number {
  if (below !== undefined && x < below) return below > 0 && x >= 0 ? 1 - x / below : 1;
  return above !== undefined && above > 0 && x > above ? 1 - above / x : 1;
}
