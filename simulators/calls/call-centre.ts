import type { CallInterval } from '../../src/domain/facts.js';
import { SEGMENTS } from '../population/population.js';
import type { ServiceTruth } from '../population/service.js';
import { mix3, Random } from '../random.js';
import { localMoment, PERIOD_MS } from '../telemetry/calendar.js';
import type { World } from '../world.js';
import { type CallQueue, isOpen, ordinaryCalls, ordinaryMean, QUEUES } from './ordinary.js';

/** How people behave; the truth that forecasts and effects are judged by. */
export interface CallBehaviour {
  /** share of those without service, and of those with bad service, who call at all */
  readonly callIfNone: number;
  readonly callIfDegraded: number;
  /** share of callers who don't call because an SMS told them in time */
  readonly smsEffect: number;
  /** the same for those whose whole site was told, in proportion to the share told */
  readonly wordOfMouth: number;
  /** mean time from losing service to calling */
  readonly delayMinutes: number;
  /** share of those who hung up that try again a quarter hour later */
  readonly redial: number;
}

/** What the simulator takes for true unless told otherwise. */
export const DEFAULT_BEHAVIOUR: CallBehaviour = {
  callIfNone: 0.09,
  callIfDegraded: 0.03,
  smsEffect: 0.35,
  wordOfMouth: 0.08,
  delayMinutes: 28,
  redial: 0.45,
};

/** What came of the incidents so far. */
export interface CallTruth {
  affected: number;
  incidentCalls: number;
  preventedBySms: number;
  preventedByOthers: number;
}

/** A person whose call came about an incident. */
export interface IncidentCaller {
  readonly subscriber: number;
  readonly atMs: number;
}

/** Without trouble for this long, the next loss of service is a new one. */
const FORGET_MS = 2 * 3_600_000;
const SEGMENT_FACTOR = [1, 0.7, 1.2, 1.6] as const;

/** How readily people call at that hour. */
function hourFactor(quarter: number): number {
  if (quarter < 24) return 0.12;
  if (quarter < 32) return 0.55;
  return quarter < 84 ? 1 : 0.6;
}

/** Calls by queue and quarter hour. Time only moves forward, through `interval`. */
export class CallCentre {
  readonly truth: CallTruth = {
    affected: 0,
    incidentCalls: 0,
    preventedBySms: 0,
    preventedByOthers: 0,
  };
  /** who called because of an incident in the last interval, those who tried again left out */
  callers: readonly number[] = [];
  readonly #world: World;
  readonly #service: ServiceTruth;
  readonly #seed: number;
  readonly #behaviour: CallBehaviour;
  /** end of each subscriber's current trouble, and when they were told; NaN: none, never */
  readonly #troubled: Float64Array;
  readonly #told: Float64Array;
  readonly #affectedAt: Int32Array;
  readonly #toldAt: Int32Array;
  /** callers by the interval they will call in */
  readonly #due = new Map<number, number[]>();
  readonly #redials = new Map<string, number>();
  #callers: IncidentCaller[] = [];

  constructor(
    world: World,
    service: ServiceTruth,
    options: { readonly seed: number; readonly behaviour?: Partial<CallBehaviour> },
  ) {
    this.#world = world;
    this.#service = service;
    this.#seed = options.seed;
    this.#behaviour = { ...DEFAULT_BEHAVIOUR, ...options.behaviour };
    this.#troubled = new Float64Array(world.people.size).fill(Number.NaN);
    this.#told = new Float64Array(world.people.size).fill(Number.NaN);
    this.#affectedAt = new Int32Array(world.network.sites.length);
    this.#toldAt = new Int32Array(world.network.sites.length);
  }

  /** A message about the trouble reached this subscriber's phone. */
  told(subscriber: number, atMs: number): void {
    if (subscriber < 0 || subscriber >= this.#told.length) return;
    this.#told[subscriber] = atMs;
    const site = this.#siteOf(subscriber);
    this.#toldAt[site] = (this.#toldAt[site] ?? 0) + 1;
  }

  /** Calls of the quarter hour that begins then, one entry per open queue. */
  interval(startMs: number): CallInterval[] {
    const middleMs = startMs + PERIOD_MS / 2;
    if (this.#service.isAnyLost(middleMs)) this.#findAffected(middleMs);
    const extra = this.#incidentCalls(startMs, middleMs);
    return QUEUES.flatMap((queue) => this.#serve(queue, startMs, extra.get(queue.name) ?? 0));
  }

  /** Who called about incidents in the intervals since this was asked last. */
  takeCallers(): IncidentCaller[] {
    const callers = this.#callers;
    this.#callers = [];
    return callers;
  }

  #siteOf(subscriber: number): number {
    const { network, people } = this.#world;
    return network.cells[people.home[subscriber] ?? 0]?.site ?? 0;
  }

  #findAffected(atMs: number): void {
    const { people } = this.#world;
    for (let i = 0; i < people.size; i++) {
      const kind = people.kind[i];
      if (kind !== 0 && kind !== 3) continue;
      const loss = this.#service.lossAt(i, atMs);
      if (loss.service === 'full') continue;
      const isNew = !(atMs - (this.#troubled[i] ?? Number.NaN) < FORGET_MS);
      this.#troubled[i] = atMs;
      if (isNew) this.#decideToCall(i, atMs, loss.service === 'none', loss.degree);
    }
  }

  /** Once per trouble: whether this person will call, and when. */
  #decideToCall(subscriber: number, atMs: number, isNone: boolean, degree: number): void {
    const { people, network } = this.#world;
    const { callIfNone, callIfDegraded, delayMinutes } = this.#behaviour;
    const site = this.#siteOf(subscriber);
    this.truth.affected++;
    this.#affectedAt[site] = (this.#affectedAt[site] ?? 0) + 1;
    const random = new Random(this.#seed, mix3(subscriber, Math.floor(atMs / PERIOD_MS), 17));
    const base = isNone ? callIfNone : callIfDegraded * Math.min(1, degree * 2);
    const segment = SEGMENT_FACTOR[people.segment[subscriber] ?? 0] ?? 1;
    const hour = hourFactor(localMoment(atMs, network.zone).quarter);
    if (!random.chance(Math.min(0.9, base * segment * hour))) return;
    const callMs = atMs + random.gamma(1.4, delayMinutes * 60_000);
    const interval = Math.floor(callMs / PERIOD_MS);
    const due = this.#due.get(interval);
    if (due === undefined) this.#due.set(interval, [subscriber]);
    else due.push(subscriber);
  }

  #incidentCalls(startMs: number, middleMs: number): Map<string, number> {
    const calls = new Map<string, number>();
    const interval = Math.floor(startMs / PERIOD_MS);
    const due = this.#due.get(interval) ?? [];
    this.callers = due.filter((subscriber) => this.#stillCalls(subscriber, middleMs));
    for (const subscriber of this.callers) {
      this.truth.incidentCalls++;
      const within = new Random(this.#seed, mix3(subscriber, interval, 31)).next();
      this.#callers.push({ subscriber, atMs: startMs + Math.floor(within * PERIOD_MS) });
      const queue = this.#queueOf(subscriber, startMs);
      calls.set(queue, (calls.get(queue) ?? 0) + 1);
    }
    for (const past of this.#due.keys()) if (past <= interval) this.#due.delete(past);
    return calls;
  }

  #stillCalls(subscriber: number, atMs: number): boolean {
    const random = new Random(this.#seed, mix3(subscriber, Math.floor(atMs / PERIOD_MS), 23));
    const loss = this.#service.lossAt(subscriber, atMs);
    if (loss.service === 'full' && random.chance(0.8)) return false;
    const told = this.#told[subscriber] ?? Number.NaN;
    if (told <= atMs && random.chance(this.#behaviour.smsEffect)) {
      this.truth.preventedBySms++;
      return false;
    }
    const site = this.#siteOf(subscriber);
    const share = (this.#toldAt[site] ?? 0) / Math.max(1, this.#affectedAt[site] ?? 0);
    if (random.chance(this.#behaviour.wordOfMouth * Math.min(1, share))) {
      this.truth.preventedByOthers++;
      return false;
    }
    return true;
  }

  #queueOf(subscriber: number, startMs: number): string {
    const { people, network } = this.#world;
    const wanted = people.isEnglish[subscriber] === 1 ? 'english' : undefined;
    const isBusiness = SEGMENTS[people.segment[subscriber] ?? 0] === 'business';
    const name = wanted ?? (isBusiness ? 'business' : 'technical');
    const queue = QUEUES.find((each) => each.name === name);
    return queue !== undefined && isOpen(queue, startMs, network.zone) ? name : 'technical';
  }

  #serve(queue: CallQueue, startMs: number, incident: number): CallInterval[] {
    const { network, people } = this.#world;
    if (!isOpen(queue, startMs, network.zone)) return [];
    const mean = ordinaryMean(this.#seed, queue, people.size, startMs, network.zone);
    const ordinary = ordinaryCalls(this.#seed, queue, people.size, startMs, network.zone);
    const offered = ordinary + incident + (this.#redials.get(queue.name) ?? 0);
    const random = new Random(this.#seed, mix3(startMs / PERIOD_MS, queue.ahtSeconds, 29));
    const carried = 1.35 * mean + 3;
    const left = Math.max(0, offered - carried) * 0.85 + 0.03 * Math.min(offered, carried);
    const abandoned = Math.min(offered, random.poisson(left));
    this.#redials.set(queue.name, random.binomial(abandoned, this.#behaviour.redial));
    const answered = offered - abandoned;
    const slower = incident > 0 ? 1.1 : 1;
    const handle = queue.ahtSeconds * slower * Math.exp(0.08 * random.normal());
    return [
      {
        queue: queue.name,
        start: new Date(startMs).toISOString(),
        intervalSeconds: PERIOD_MS / 1000,
        offered,
        answered,
        abandoned,
        ...(answered > 0 ? { handleSeconds: Math.round(handle) } : {}),
      },
    ];
  }
}
