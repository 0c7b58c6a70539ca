import type { CallInterval } from '../../src/domain/facts.js';
import type { IncidentLoad } from '../../src/forecast/surge/incident-load.js';
import { mix3, Random } from '../random.js';
import { localMoment } from '../telemetry/calendar.js';
import { ordinaryCalls, QUEUES } from './ordinary.js';

const MINUTE_MS = 60_000;
const QUARTER_MS = 900_000;
/** The simulated queue that takes all incident calls; it never closes. */
export const SURGE_QUEUE = 'technical';
const QUEUE = QUEUES.find(({ name }) => name === SURGE_QUEUE) ?? QUEUES[0];

/** How people call about one incident; drawn anew for each and hidden from who forecasts. */
export interface Habits {
  /** share of the affected who call */
  readonly propensity: number;
  /** two kinds of callers: at once, and after a while; delays are log-normal */
  readonly promptShare: number;
  readonly promptMinutes: number;
  readonly laterMinutes: number;
  /** spread of the logged delay */
  readonly delaySpread: number;
  /** share of those who have not called by the repair who call after it */
  readonly afterShare: number;
}

/** One incident with what truly came of it. */
export interface SurgeTruth {
  readonly load: IncidentLoad;
  /** first calls by minute since `startedAtMs` */
  readonly byMinute: Int32Array;
}

/** What a world is made of. */
export interface SurgeWorldOptions {
  readonly seed: number;
  /** epoch ms */
  readonly fromMs: number;
  readonly days: number;
  readonly subscribers: number;
  readonly zone: string;
  readonly incidents: number;
  /** least and greatest number of people an incident hits */
  readonly affected: readonly [number, number];
  /** areas of the operator; each incident hits one or two */
  readonly areas: number;
}

/**
 * Calls of a queue in which incidents come now and then, each with habits of its own that are not of
 * the forecast's form: a mixture of two log-normal delays, thinned by the hour, cut by the repair.
 */
export class SurgeWorld {
  readonly incidents: readonly SurgeTruth[];
  readonly #options: SurgeWorldOptions;

  constructor(options: SurgeWorldOptions) {
    this.#options = options;
    const { seed, days, incidents, fromMs } = options;
    const each = (days * 86_400_000) / Math.max(1, incidents);
    this.incidents = Array.from({ length: incidents }, (_, i) => {
      const random = new Random(seed, mix3(i, 71, 3));
      const startedAtMs = Math.floor(fromMs + (i + random.between(0.05, 0.6)) * each);
      return drawIncident(options, i, startedAtMs, random);
    });
  }

  /** Ordinary calls of the quarter hour that begins then. */
  ordinary(startMs: number): number {
    const { seed, subscribers, zone } = this.#options;
    return QUEUE ? ordinaryCalls(seed, QUEUE, subscribers, startMs, zone) : 0;
  }

  /** First calls of one incident between two moments, both on the minute of its onset. */
  incidentCalls({ load, byMinute }: SurgeTruth, fromMs: number, toMs: number): number {
    let sum = 0;
    const minute = (ms: number): number => Math.ceil((ms - load.startedAtMs) / MINUTE_MS);
    for (let m = Math.max(0, minute(fromMs)); m < minute(toMs); m++) sum += byMinute[m] ?? 0;
    return sum;
  }

  /**
   * Calls as an ACD gives them, from `fromMs` to `toMs` in steps of `stepSeconds` (60 or 900), by area
   * or in all. Ordinary calls of a quarter hour fall on its minutes by chance.
   */
  counts(fromMs: number, toMs: number, stepSeconds: 60 | 900, withAreas: boolean): CallInterval[] {
    const counts: CallInterval[] = [];
    const stepMs = stepSeconds * 1000;
    for (let start = Math.ceil(fromMs / stepMs) * stepMs; start + stepMs <= toMs; start += stepMs) {
      const byArea = new Map<string, number>();
      this.#spreadOrdinary(byArea, start, stepSeconds);
      for (const truth of this.incidents)
        this.#spreadIncident(byArea, truth, start, start + stepMs);
      const total = [...byArea.values()].reduce((sum, calls) => sum + calls, 0);
      const base = { queue: SURGE_QUEUE, start: new Date(start).toISOString() };
      const rows: [string, number][] = withAreas ? [...byArea] : [['', total]];
      for (const [area, offered] of rows) {
        counts.push({
          ...base,
          ...(area === '' ? {} : { area }),
          intervalSeconds: stepSeconds,
          offered,
        });
      }
    }
    return counts;
  }

  #spreadOrdinary(byArea: Map<string, number>, startMs: number, stepSeconds: 60 | 900): void {
    const { seed, areas } = this.#options;
    const quarter = Math.floor(startMs / QUARTER_MS) * QUARTER_MS;
    const calls = this.ordinary(quarter);
    const random = new Random(seed, mix3(Math.floor(quarter / QUARTER_MS), 91, 7));
    for (let call = 0; call < calls; call++) {
      const minute = quarter + Math.floor(random.next() * 15) * MINUTE_MS;
      const area = `area-${random.below(areas)}`;
      const isHere = minute >= startMs && minute < startMs + stepSeconds * 1000;
      if (isHere) byArea.set(area, (byArea.get(area) ?? 0) + 1);
    }
  }

  #spreadIncident(
    byArea: Map<string, number>,
    truth: SurgeTruth,
    fromMs: number,
    toMs: number,
  ): void {
    const calls = this.incidentCalls(truth, fromMs, toMs);
    if (calls === 0) return;
    const areas = Object.entries(truth.load.areas);
    const random = new Random(this.#options.seed, mix3(Math.floor(fromMs / MINUTE_MS), 13, calls));
    let left = calls;
    for (const [i, [area, share]] of areas.entries()) {
      const own = i === areas.length - 1 ? left : Math.min(left, random.binomial(calls, share));
      left -= own;
      byArea.set(area, (byArea.get(area) ?? 0) + own);
    }
  }
}

function drawIncident(
  options: SurgeWorldOptions,
  i: number,
  startedAtMs: number,
  random: Random,
): SurgeTruth {
  const { affected, areas } = options;
  const people = Math.round(Math.exp(random.between(Math.log(affected[0]), Math.log(affected[1]))));
  const minutes = Math.round(Math.min(480, Math.max(30, 110 * Math.exp(0.6 * random.normal()))));
  const endedAtMs = startedAtMs + minutes * MINUTE_MS;
  const first = random.below(areas);
  const share = random.between(0.5, 1);
  const load: IncidentLoad = {
    incidentId: `incident-${i}`,
    causeKind: 'transport',
    startedAtMs,
    endedAtMs,
    repair: null,
    people: [{ segment: 'consumer', language: 'fr', people, degree: 1 }],
    cohorts: [{ sinceMs: startedAtMs, share: 1 }],
    told: [],
    areas: { [`area-${first}`]: share, [`area-${(first + 1) % areas}`]: 1 - share },
  };
  return { load, byMinute: drawCalls(load, minutes, drawHabits(random), options.zone, random) };
}

/** How people call about one more incident. */
export function drawHabits(random: Random): Habits {
  return {
    propensity: Math.min(0.6, 0.11 * Math.exp(0.45 * random.normal())),
    promptShare: random.between(0.3, 0.7),
    promptMinutes: 9 * Math.exp(0.25 * random.normal()),
    laterMinutes: 45 * Math.exp(0.25 * random.normal()),
    delaySpread: random.between(0.7, 1),
    afterShare: random.between(0.02, 0.12),
  };
}

/** Every caller's minute. */
function drawCalls(
  load: IncidentLoad,
  minutes: number,
  habits: Habits,
  zone: string,
  random: Random,
): Int32Array {
  const people = load.people.reduce((sum, each) => sum + each.people, 0);
  const byMinute = new Int32Array(minutes + 240);
  const callers = random.binomial(Math.round(people), habits.propensity);
  for (let caller = 0; caller < callers; caller++) {
    const isPrompt = random.chance(habits.promptShare);
    const typical = isPrompt ? habits.promptMinutes : habits.laterMinutes;
    let minute = typical * Math.exp(habits.delaySpread * random.normal());
    if (minute >= minutes) {
      if (!random.chance(habits.afterShare)) continue;
      minute = minutes - 35 * Math.log(1 - random.next());
    }
    if (!random.chance(readiness(load.startedAtMs + minute * MINUTE_MS, zone))) continue;
    const at = Math.floor(minute);
    if (at < byMinute.length) byMinute[at] = (byMinute[at] ?? 0) + 1;
  }
  return byMinute;
}

/** How readily people call at that hour. */
export function readiness(atMs: number, zone: string): number {
  const { quarter } = localMoment(atMs, zone);
  if (quarter < 24) return 0.12;
  if (quarter < 32) return 0.6;
  return quarter < 84 ? 1 : 0.6;
}
