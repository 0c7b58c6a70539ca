import type { AreaCounts, Window } from './area-counts.js';
import { WINDOWS } from './area-counts.js';
import type { AreaGroup, AreaPlaces } from './area-places.js';
import { tailNats } from './tail-nats.js';

/** `customers` of `rules/correlation.yaml`, as far as it says what a rise is. */
export interface RiseRules {
  readonly falsePer1000AreasPerMonth: number;
  readonly leastCount: number;
  readonly leastRise: number;
}

/** Counts far above expectation at one place. */
export interface FoundRise {
  /** what its areas share; -1 when that is no one resource */
  readonly resource: number;
  readonly areas: readonly string[];
  readonly count: number;
  readonly mean: number;
  readonly windowSeconds: number;
  readonly nats: number;
}

const MONTH_SECONDS = 2_629_800;

/**
 * Improbability from which a rise counts, in nats: so that chance alone brings the rate that the rules
 * allow over all places and windows that are looked at.
 */
export function neededNats(
  { falsePer1000AreasPerMonth }: RiseRules,
  intervalSeconds: number,
  placesPerArea: number,
): number {
  const looks = (MONTH_SECONDS / intervalSeconds) * WINDOWS.length * placesPerArea;
  return Math.log((1000 * looks) / falsePer1000AreasPerMonth);
}

function isMuch({ count, mean }: Window, { leastCount, leastRise }: RiseRules): boolean {
  return count >= leastCount && count >= leastRise * mean;
}

/** From here on an area alone has risen, if not by so much that it counts: one in twenty. */
const OWN_NATS = 3;
/** What is left of a place may be this share of it without having risen too. */
const LEFT_SHARE = 1 / 3;

function natsOf(counts: AreaCounts, areas: readonly string[], intervals: number): number {
  const { count, mean, dispersion } = counts.window(areas, intervals);
  return tailNats(count, mean, dispersion);
}

/**
 * Whether the rise is that of a whole place: without the areas that have one alone, what is left has
 * risen too, or is not much.
 */
function isOfAll(counts: AreaCounts, { areas, mean, windowSeconds }: FoundRise): boolean {
  const intervals = windowSeconds / counts.intervalSeconds;
  const left = areas.filter((area) => natsOf(counts, [area], intervals) < OWN_NATS);
  const rest = counts.window(left, intervals);
  return rest.mean <= LEFT_SHARE * mean || natsOf(counts, left, intervals) >= ORDINARY_NATS;
}

/** The most improbable window that ends now; undefined when none is much. */
function worst(
  counts: AreaCounts,
  { resource, areas }: AreaGroup,
  rules: RiseRules,
): FoundRise | undefined {
  let found: FoundRise | undefined;
  if (isOrdinary(counts, areas)) return undefined;
  for (const intervals of WINDOWS) {
    const window = counts.window(areas, intervals);
    if (!isMuch(window, rules)) continue;
    const { count, mean, dispersion } = window;
    const nats = tailNats(count, mean, dispersion);
    if (nats <= (found?.nats ?? 0)) continue;
    const windowSeconds = intervals * counts.intervalSeconds;
    found = { resource, areas, count, mean, windowSeconds, nats };
  }
  return found;
}

/**
 * Rises in the interval that was taken last, most improbable first. A place is an area, or what
 * several areas share; of places that overlap only the most improbable counts, so that neighbours of
 * one trouble are one rise at what they share.
 */
export function findRises(counts: AreaCounts, places: AreaPlaces, rules: RiseRules): FoundRise[] {
  const areas = [...counts.areas.keys()].sort();
  const groups = places.groupsOf(counts.name, areas);
  const needed = neededNats(rules, counts.intervalSeconds, 1 + groups.length / areas.length);
  const single = areas.map((area) => ({ resource: -1, areas: [area] }));
  const risen = single.flatMap((each) => worst(counts, each, rules) ?? []);
  const shared = groups.flatMap((group) => worst(counts, group, rules) ?? []);
  const found = [...risen, ...shared.filter((each) => isOfAll(counts, each))].filter(
    ({ nats }) => nats >= needed,
  );
  found.sort((a, b) => b.nats - a.nats || a.areas.length - b.areas.length || keyOrder(a, b));
  const taken = new Set<string>();
  const kept: FoundRise[] = [];
  for (const rise of found) {
    if (rise.areas.some((area) => taken.has(area))) continue;
    for (const area of rise.areas) taken.add(area);
    kept.push(rise);
  }
  return kept;
}

function keyOrder(a: FoundRise, b: FoundRise): number {
  const [x, y] = [a.areas[0] ?? '', b.areas[0] ?? ''];
  return x < y ? -1 : x > y ? 1 : a.resource - b.resource;
}

/** Less improbable than this is nothing out of the ordinary any more: one in ten. */
const ORDINARY_NATS = 2.3;
const ORDINARY_INTERVALS = 2;

/** Whether areas have no more than is usual now. */
export function isOrdinary(counts: AreaCounts, areas: readonly string[]): boolean {
  return natsOf(counts, areas, ORDINARY_INTERVALS) < ORDINARY_NATS;
}
