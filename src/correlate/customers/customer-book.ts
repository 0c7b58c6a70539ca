import type { CountInterval } from '../../domain/count-interval.js';
import { contentId } from '../../domain/ids.js';
import type { ResourceSpace } from '../resource-space.js';
import { AreaCounts, type StoredCounts } from './area-counts.js';
import { AreaPlaces } from './area-places.js';
import { type FoundRise, findRises, isOrdinary, type RiseRules } from './find-rises.js';

/** `customers` of `rules/correlation.yaml`. */
export interface CustomerRules extends RiseRules {
  readonly waitSeconds: number;
  readonly warmUpDays: number;
  readonly relearnDays: number;
  readonly quietIntervals: number;
  readonly aftermathSeconds: number;
  readonly degree: number;
}

/** Customers of a place do something more than they should, since when; times are epoch ms. */
export interface Rise {
  readonly id: string;
  readonly name: string;
  /** key of what the areas share; null when that is no one resource */
  resource: string | null;
  areas: readonly string[];
  readonly sinceMs: number;
  /** end of the interval in which it was found */
  readonly knownAtMs: number;
  count: number;
  mean: number;
  windowSeconds: number;
  nats: number;
  /** intervals in a row in which nothing was out of the ordinary */
  quiet: number;
  /** the incident that was opened for it; null when there was no need */
  incidentId: string | null;
  /** the incident that explains it, of which it has been told */
  explainedBy: string | null;
  isDismissed: boolean;
}

/** For storing. */
export interface StoredCustomers {
  readonly counts: readonly StoredCounts[];
  readonly rises: readonly Rise[];
}

const DAY_MS = 86_400_000;
/** Names that are watched, each at its interval: more are not. */
const MOST_NAMES = 64;

/** When an interval can be judged: its counts are in by then. */
export function dueMs({ start, intervalSeconds }: CountInterval, waitSeconds: number): number {
  return Date.parse(start) + (intervalSeconds + waitSeconds) * 1000;
}

/**
 * What customers do by area, tested interval by interval against what is expected of them. An interval
 * is judged once; what comes of it later, or twice, changes nothing but the latest before that.
 */
export class CustomerBook {
  readonly places: AreaPlaces;
  readonly #space: ResourceSpace;
  readonly #rules: CustomerRules;
  readonly #offsetMs: (atMs: number) => number;
  readonly #counts = new Map<string, AreaCounts>();
  readonly #rises = new Map<string, Rise>();
  /** series → start → area → count, taken and not yet judged */
  #taken = new Map<string, Map<number, Map<string, number>>>();

  constructor(space: ResourceSpace, rules: CustomerRules, offsetMs: (atMs: number) => number) {
    this.#space = space;
    this.#rules = rules;
    this.#offsetMs = offsetMs;
    this.places = new AreaPlaces(space);
  }

  /** Rises that are on, in order of beginning. */
  get rises(): ReadonlyMap<string, Rise> {
    return this.#rises;
  }

  put({ name, area, start, intervalSeconds, count }: CountInterval): void {
    const series = JSON.stringify([name, intervalSeconds]);
    if (!this.#counts.has(series)) {
      if (this.#counts.size >= MOST_NAMES) return;
      this.#counts.set(series, new AreaCounts(name, intervalSeconds));
    }
    const starts = this.#taken.get(series) ?? new Map<number, Map<string, number>>();
    this.#taken.set(series, starts);
    const startMs = Date.parse(start);
    const areas = starts.get(startMs) ?? new Map<string, number>();
    starts.set(startMs, areas);
    areas.set(area, count);
  }

  /** Judges every interval that was taken, oldest first. */
  judge(): void {
    const taken = this.#taken;
    this.#taken = new Map();
    for (const [series, counts] of this.#counts) {
      const starts = taken.get(series);
      for (const startMs of [...(starts?.keys() ?? [])].sort((a, b) => a - b)) {
        if (startMs > counts.lastMs) this.#interval(counts, startMs, starts?.get(startMs));
      }
    }
  }

  /**
   * Learns what was usual before what is known: intervals before the first one of a series, or after its
   * last. What lies between is known. A rise in the past is not learnt as usual, and nothing is made of it.
   */
  learnPast(items: readonly CountInterval[]): void {
    for (const { name, intervalSeconds, starts } of seriesOf(items)) {
      const series = JSON.stringify([name, intervalSeconds]);
      const known = this.#counts.get(series);
      if (known === undefined && this.#counts.size >= MOST_NAMES) continue;
      const rising = [...starts].sort(([a], [b]) => a - b);
      const { firstMs = Number.POSITIVE_INFINITY, lastMs = Number.POSITIVE_INFINITY } = known ?? {};
      const past = new AreaCounts(name, intervalSeconds);
      for (const [startMs, areas] of rising)
        if (startMs < firstMs) this.#learn(past, startMs, areas);
      let counts = known ?? past;
      if (known !== undefined && Number.isFinite(past.firstMs)) counts = known.after(past);
      for (const [startMs, areas] of rising)
        if (startMs > lastMs) this.#learn(counts, startMs, areas);
      if (Number.isFinite(counts.firstMs)) this.#counts.set(series, counts);
    }
  }

  /** Cells of the places of a rise, ascending. */
  cellsOf({ resource, areas }: Rise): Int32Array {
    if (resource !== null) return this.#space.cellsUnder(this.#space.fromKey(resource));
    const cells = new Set<number>();
    for (const area of areas) for (const cell of this.places.cellsOf(area)) cells.add(cell);
    return Int32Array.from(cells).sort();
  }

  stored(): StoredCustomers {
    return {
      counts: [...this.#counts.values()].map((counts) => counts.stored()),
      rises: [...this.#rises.values()].map((rise) => ({ ...rise, areas: [...rise.areas] })),
    };
  }

  restore({ counts, rises }: StoredCustomers): void {
    for (const each of counts) {
      const { name, intervalSeconds } = each;
      const series = JSON.stringify([name, intervalSeconds]);
      this.#counts.set(series, new AreaCounts(name, intervalSeconds, each));
    }
    for (const rise of rises) this.#rises.set(rise.id, { ...rise });
  }

  #learn(counts: AreaCounts, startMs: number, given: ReadonlyMap<string, number>): void {
    counts.begin(startMs, startMs + this.#offsetMs(startMs), given);
    const isWarm = startMs - counts.firstMs >= this.#rules.warmUpDays * DAY_MS;
    const found = isWarm ? findRises(counts, this.places, this.#rules) : [];
    counts.learn(new Set(found.flatMap(({ areas }) => areas)));
  }

  #interval(counts: AreaCounts, startMs: number, given: ReadonlyMap<string, number> = new Map()) {
    const endMs = startMs + counts.intervalSeconds * 1000;
    counts.begin(startMs, startMs + this.#offsetMs(startMs), given);
    const isWarm = startMs - counts.firstMs >= this.#rules.warmUpDays * DAY_MS;
    const found = isWarm ? findRises(counts, this.places, this.#rules) : [];
    for (const each of found) this.#note(counts, each, endMs);
    this.#settle(counts);
    const unlearnt = new Set<string>();
    for (const { name, areas, sinceMs } of this.#rises.values()) {
      if (name !== counts.name || endMs - sinceMs > this.#rules.relearnDays * DAY_MS) continue;
      for (const area of areas) unlearnt.add(area);
    }
    counts.learn(unlearnt);
  }

  /** A rise goes on one that it shares an area with, at what all of them share. */
  #note({ name }: AreaCounts, found: FoundRise, endMs: number): void {
    const { count, mean, windowSeconds, nats } = found;
    const resource = this.#keyOf(found);
    const known = [...this.#rises.values()].find(
      (rise) => rise.name === name && rise.areas.some((area) => found.areas.includes(area)),
    );
    if (known !== undefined) {
      const isWider = known.areas.every((area) => found.areas.includes(area));
      const isNarrower = found.areas.every((area) => known.areas.includes(area));
      if (isWider) Object.assign(known, { resource, areas: found.areas });
      else if (!isNarrower) {
        const areas = [...new Set([...known.areas, ...found.areas])].sort();
        Object.assign(known, { resource: null, areas });
      }
      Object.assign(known, { count, mean, windowSeconds, nats });
      return;
    }
    const sinceMs = endMs - windowSeconds * 1000;
    const id = contentId('rise', name, found.areas.join('\n'), endMs);
    const parts = { name, resource, areas: found.areas, sinceMs, knownAtMs: endMs };
    const rest = { quiet: 0, incidentId: null, explainedBy: null, isDismissed: false };
    this.#rises.set(id, { id, ...parts, count, mean, windowSeconds, nats, ...rest });
  }

  /** Ends rises of which nothing has been out of the ordinary for a while. */
  #settle(counts: AreaCounts): void {
    for (const rise of this.#rises.values()) {
      if (rise.name !== counts.name) continue;
      rise.quiet = isOrdinary(counts, rise.areas) ? rise.quiet + 1 : 0;
      if (rise.quiet >= this.#rules.quietIntervals) this.#rises.delete(rise.id);
    }
  }

  #keyOf({ resource, areas }: FoundRise): string | null {
    if (resource >= 0) return this.#space.keyOf(resource);
    const [only] = areas;
    if (areas.length !== 1 || only === undefined) return null;
    const own = this.places.resourceOf(only);
    return own < 0 ? null : this.#space.keyOf(own);
  }
}

interface PastSeries {
  readonly name: string;
  readonly intervalSeconds: number;
  /** counts by area, by start, epoch ms */
  readonly starts: Map<number, Map<string, number>>;
}

function seriesOf(items: readonly CountInterval[]): Iterable<PastSeries> {
  const found = new Map<string, PastSeries>();
  for (const { name, area, start, intervalSeconds, count } of items) {
    const key = JSON.stringify([name, intervalSeconds]);
    const series = found.get(key) ?? { name, intervalSeconds, starts: new Map() };
    found.set(key, series);
    const startMs = Date.parse(start);
    const areas = series.starts.get(startMs) ?? new Map<string, number>();
    series.starts.set(startMs, areas.set(area, count));
  }
  return found.values();
}
