import type { KpiPlan } from '../kpi-plan.js';
import type { ObjectIndex } from '../object-index.js';
import { KINDS, PHASE, type SeriesStore } from '../series-store.js';
import { profileRows, readProfile } from './series-profile.js';
import type { ShapeModel, ShapeSample } from './shape-model.js';

/** most objects a fit works on */
const SAMPLE = 1500;
const SEEN_SHARE = 0.9;
const SECONDS_PER_HOUR = 3600;
const SECONDS_PER_DAY = 86_400;

/** What of a lane a sample is taken from. */
export interface SampleSource {
  readonly store: SeriesStore;
  readonly objects: ObjectIndex;
  readonly plans: readonly KpiPlan[];
  readonly periodSeconds: number;
  /** kinds of day that occur */
  readonly kinds: readonly number[];
  /** days of its own a series must have learnt */
  readonly leastDays: number;
  readonly mostClusters: number;
}

/** KPIs that objects are compared by: what traffic there is, else everything. */
export function featureKpis(plans: readonly KpiPlan[]): number[] {
  const traffic = plans.flatMap((plan, kpi) => (plan.isTraffic ? [kpi] : []));
  return traffic.length > 0 ? traffic : plans.map((_, kpi) => kpi);
}

/**
 * A bounded sample of the objects that know their week, chosen by a hash of their ids and in order
 * of their ids, so that it depends on what was learnt and not on how objects are numbered.
 *
 * @returns undefined when fewer than `least` objects know their week
 */
export function takeSample(
  source: SampleSource,
  least: number,
  seed: number,
  previous: ShapeModel | null,
): ShapeSample | undefined {
  const { store, objects, plans, periodSeconds, kinds, mostClusters } = source;
  const features = featureKpis(plans);
  const known: number[] = [];
  for (let object = 0; object < objects.size; object++) {
    if (objects.idOf(object) !== '' && knowsItsWeek(source, features, object)) known.push(object);
  }
  if (known.length < least) return undefined;
  const chosen = choose(known, objects);
  const rows = profileRows(chosen.length * plans.length);
  const perDay = SECONDS_PER_DAY / periodSeconds;
  for (const [place, object] of chosen.entries()) {
    for (const [kpi, plan] of plans.entries()) {
      const series = object * plans.length + kpi;
      if ((store.phase[series] ?? 0) < PHASE.learning) continue;
      readProfile(store, series, { plan, perDay }, rows, place * plans.length + kpi);
    }
  }
  const perHour = SECONDS_PER_HOUR / periodSeconds;
  const shape = { objects: chosen.length, kpis: plans.length, features, kinds, mostClusters };
  return { ...shape, seed, perHour, ...rows, previous };
}

function knowsItsWeek(source: SampleSource, features: readonly number[], object: number): boolean {
  const { store, plans, periodSeconds, kinds, leastDays } = source;
  const { seen, phase, capacity } = store;
  const perDay = SECONDS_PER_DAY / periodSeconds;
  for (const kpi of features) {
    const series = object * plans.length + kpi;
    if (phase[series] !== PHASE.learning) return false;
    let total = 0;
    for (let kind = 0; kind < KINDS; kind++) total += seen[kind * capacity + series] ?? 0;
    if (total < leastDays * perDay) return false;
    for (const kind of kinds) {
      if ((seen[kind * capacity + series] ?? 0) < SEEN_SHARE * perDay) return false;
    }
  }
  return true;
}

function choose(known: readonly number[], objects: ObjectIndex): number[] {
  const hashes = Uint32Array.from(known, (object) => hashOf(objects.idOf(object)));
  const limit = hashes.length <= SAMPLE ? 0xffff_ffff : (hashes.slice().sort()[SAMPLE - 1] ?? 0);
  return known
    .filter((_, i) => (hashes[i] ?? 0) <= limit)
    .sort((a, b) => (objects.idOf(a) < objects.idOf(b) ? -1 : 1));
}

/** FNV-1a, 32 bits, with a last mixing so that its order is as good as random. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
