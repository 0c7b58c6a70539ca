import { CountShape, type StoredShape, WEEK_KEEP } from './count-shape.js';
import { Dispersion, type StoredDispersion } from './dispersion.js';
import { precede } from './precede.js';

/** Intervals that a rise is looked for over, longest last. */
export const WINDOWS = [1, 2, 4] as const;
const LONGEST = 4;
const HOUR_SECONDS = 3600;
const WEEK_SECONDS = 604_800;
/** Parts of working days and of days of rest in which an area may differ from all others: 4 hours. */
const PARTS = 12;
/** Counts that an area being like the others is worth, and a part of its week being like the rest. */
const PRIOR_COUNTS = 2;
const PRIOR_PART = 10;
/** Counts that everything else being as expected is worth. */
const PRIOR_COMMON = 50;
/** What an area had counts half after three weeks. */
const HALF_LIFE_SECONDS = 3 * WEEK_SECONDS;
/** An area that is not spoken of for this long is not held to have had none. */
const ABSENT_SECONDS = 86_400;
/** Areas of one name that are watched: more are not, by order of their first appearance. */
const MOST_AREAS = 5000;

interface Area {
  /** decayed sum of its counts, and of what was expected everywhere in the same intervals */
  seen: number;
  exposed: number;
  /** intervals in a row in which it was not spoken of */
  absent: number;
  readonly partSeen: number[];
  readonly partExpected: number[];
  /** its latest counts and what was expected, newest last */
  readonly counts: number[];
  readonly means: number[];
}

/** For storing. */
export interface StoredCounts {
  readonly name: string;
  readonly intervalSeconds: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly shape: StoredShape;
  readonly common: StoredDispersion;
  readonly own: StoredDispersion;
  readonly areas: readonly (readonly [string, Area])[];
}

interface Together {
  count: number;
  mean: number;
}

/** What some areas had together over a window, against what was expected. */
export interface Window {
  readonly count: number;
  readonly mean: number;
  /** variance beyond the mean's own, in units of the mean squared */
  readonly dispersion: number;
}

/**
 * Counts of one name by area with what is expected of each: a course of the week that all share, the
 * area's share of it, and its own deviation by part of the week. Counts vary more than chance alone,
 * some of it everywhere at once.
 */
export class AreaCounts {
  readonly name: string;
  readonly intervalSeconds: number;
  firstMs = Number.POSITIVE_INFINITY;
  lastMs = Number.NEGATIVE_INFINITY;
  readonly #areas: Map<string, Area>;
  readonly #shape: CountShape;
  readonly #common: Dispersion;
  readonly #own: Dispersion;
  #slot = 0;
  #part = 0;
  #all = 0;
  /** by number of intervals, for the interval that was taken last */
  #together: Record<number, Together> = {};

  constructor(name: string, intervalSeconds: number, stored?: StoredCounts) {
    this.name = name;
    this.intervalSeconds = intervalSeconds;
    this.#shape = new CountShape(intervalSeconds, stored?.shape);
    const halfLife = (2 * WEEK_SECONDS) / intervalSeconds;
    this.#common = new Dispersion(halfLife, 0.005, stored?.common);
    this.#own = new Dispersion(halfLife, 0.01, stored?.own);
    this.#areas = new Map(stored?.areas.map(([area, state]) => [area, structuredCopy(state)]));
    this.firstMs = stored?.firstMs ?? this.firstMs;
    this.lastMs = stored?.lastMs ?? this.lastMs;
  }

  get areas(): ReadonlyMap<string, unknown> {
    return this.#areas;
  }

  /** Takes the counts of an interval; what an area lacks is none. Call `learn` before the next. */
  begin(startMs: number, localMs: number, counts: ReadonlyMap<string, number>): void {
    this.firstMs = Math.min(this.firstMs, startMs);
    this.lastMs = startMs;
    this.#together = {};
    for (const area of counts.keys()) this.#add(area);
    this.#slot = this.#shape.slotOf(localMs);
    this.#part = partOf(localMs);
    this.#all = this.#shape.expected(this.#slot).mean;
    for (const [id, area] of this.#areas) {
      const count = counts.get(id);
      area.absent = count === undefined ? area.absent + 1 : 0;
      push(area.counts, count ?? 0);
      push(area.means, this.#meanOf(area));
    }
  }

  /**
   * Learns the interval that was taken last.
   * @param rising areas of which nothing is learnt, since what they have is not ordinary
   */
  learn(rising: ReadonlySet<string>): void {
    const keep = 0.5 ** (this.intervalSeconds / HALF_LIFE_SECONDS);
    const mostAbsent = ABSENT_SECONDS / this.intervalSeconds;
    const isSettled = this.lastMs - this.firstMs >= WEEK_SECONDS * 1000;
    let all = 0;
    let expected = 0;
    for (const [id, area] of this.#areas) {
      const mean = area.means.at(-1) ?? 0;
      const count = area.counts.at(-1) ?? 0;
      all += rising.has(id) ? Math.min(count, mean) : count;
      expected += mean;
      if (rising.has(id) || area.absent > mostAbsent) continue;
      if (isSettled) this.#own.learn(count, mean);
      this.#learnArea(area, count, keep);
    }
    if (isSettled) this.#common.learn(all, expected);
    this.#shape.learn(this.#slot, all);
  }

  /** What the areas had together over the latest intervals. */
  window(areas: readonly string[], intervals: number): Window {
    const own = { count: 0, mean: 0, squares: 0, seen: 0 };
    for (const id of areas) {
      const area = this.#areas.get(id);
      if (area === undefined) continue;
      const mean = last(area.means, intervals);
      own.count += last(area.counts, intervals);
      own.mean += mean;
      own.squares += mean * mean;
      own.seen += area.seen;
    }
    const common = this.#commonRise(own.count, own.mean, intervals);
    const spread = own.mean > 0 ? own.squares / own.mean ** 2 : 1;
    const alone = Math.max(0, this.#own.value - this.#common.value);
    const unsure = 1 / (1 + own.seen) + 1 / (1 + this.#shape.expected(this.#slot).basis);
    return {
      count: own.count,
      mean: own.mean * common,
      dispersion: this.#common.value + alone * spread + unsure,
    };
  }

  /** The same, had another series of its kind been counted before: see `precede`. */
  after(past: AreaCounts): AreaCounts {
    const fortnight = (2 * WEEK_SECONDS) / this.intervalSeconds;
    const stored = precede(past.stored(), this.stored(), {
      area: 0.5 ** (this.intervalSeconds / HALF_LIFE_SECONDS),
      common: 0.5 ** (1 / fortnight),
      week: WEEK_KEEP,
    });
    return new AreaCounts(this.name, this.intervalSeconds, stored);
  }

  stored(): StoredCounts {
    return {
      name: this.name,
      intervalSeconds: this.intervalSeconds,
      firstMs: this.firstMs,
      lastMs: this.lastMs,
      shape: this.#shape.stored(),
      common: this.#common.stored(),
      own: this.#own.stored(),
      areas: [...this.#areas].map(([id, area]) => [id, structuredCopy(area)]),
    };
  }

  /** How much more than expected all but the given are having over the window; at least 1. */
  #commonRise(count: number, mean: number, intervals: number): number {
    const all = this.#together[intervals] ?? this.#sumUp(intervals);
    return Math.max(1, (PRIOR_COMMON + all.count - count) / (PRIOR_COMMON + all.mean - mean));
  }

  /** What all areas had together, which every place is held against. */
  #sumUp(intervals: number): Together {
    const all = { count: 0, mean: 0 };
    for (const area of this.#areas.values()) {
      all.count += last(area.counts, intervals);
      all.mean += last(area.means, intervals);
    }
    this.#together[intervals] = all;
    return all;
  }

  #add(id: string): void {
    if (this.#areas.has(id) || this.#areas.size >= MOST_AREAS) return;
    this.#areas.set(id, {
      seen: 0,
      exposed: 0,
      absent: 0,
      partSeen: new Array(PARTS).fill(0),
      partExpected: new Array(PARTS).fill(0),
      counts: [],
      means: [],
    });
  }

  #meanOf(area: Area): number {
    const share = (area.seen + PRIOR_COUNTS) / (area.exposed + PRIOR_COUNTS * this.#areas.size);
    const ofPart =
      ((area.partSeen[this.#part] ?? 0) + PRIOR_PART) /
      ((area.partExpected[this.#part] ?? 0) + PRIOR_PART);
    return this.#all * share * ofPart;
  }

  #learnArea(area: Area, count: number, keep: number): void {
    const share = (area.seen + PRIOR_COUNTS) / (area.exposed + PRIOR_COUNTS * this.#areas.size);
    const part = this.#part;
    area.partSeen[part] = (area.partSeen[part] ?? 0) * keep + count;
    area.partExpected[part] = (area.partExpected[part] ?? 0) * keep + this.#all * share;
    area.seen = area.seen * keep + count;
    area.exposed = area.exposed * keep + this.#all;
  }
}

function structuredCopy(area: Area): Area {
  return {
    ...area,
    partSeen: [...area.partSeen],
    partExpected: [...area.partExpected],
    counts: [...area.counts],
    means: [...area.means],
  };
}

function partOf(localMs: number): number {
  const hours = Math.floor(localMs / 1000 / HOUR_SECONDS);
  const day = (((Math.floor(hours / 24) + 3) % 7) + 7) % 7;
  return (day < 5 ? 0 : 6) + Math.floor((((hours % 24) + 24) % 24) / 4);
}

function push(list: number[], value: number): void {
  list.push(value);
  if (list.length > LONGEST) list.shift();
}

function last(list: readonly number[], intervals: number): number {
  let sum = 0;
  for (let at = Math.max(0, list.length - intervals); at < list.length; at++) sum += list[at] ?? 0;
  return sum;
}
