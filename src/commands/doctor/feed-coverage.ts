import type pg from 'pg';
import {
  type FeedRejects,
  feedRejects,
  inInventory,
  knownSubscribers,
  sampleJournal,
  withPeople,
} from '../../adapters/postgres/read-feed-coverage.js';
import type { DeadLetter, Fact } from '../../domain/facts.js';
import { maskNumber } from '../../domain/mask.js';
import type { CompiledFeed } from '../../sources/compiled-feed.js';
import type { FeedSample } from './feed-sample.js';
import type { FeedCoverage } from './report.js';

const UNRESOLVED_LISTED = 10;
const UNKNOWN = 'object.unknown';
const FACT_KINDS = {
  kpi: 'reports',
  alarm: 'alarms',
  presence: 'presence',
  calls: 'calls',
  ticket: 'tickets',
  counts: 'counts',
} as const;

/**
 * The share of a feed's records whose object is in the inventory, and that concern subscribers
 * somebody knows of.
 * @param sample records read from the source itself; without it the newest of the journal count,
 *   beside what was refused today and yesterday
 */
export async function coverageOf(
  pool: pg.Pool,
  feed: CompiledFeed,
  sample: FeedSample | undefined,
): Promise<FeedCoverage> {
  const rejects = await feedRejects(pool, feed.name);
  const taken = sample === undefined ? await fromJournal(pool, feed, rejects) : fromSource(sample);
  const objects = count(taken.objects);
  const known = await inInventory(pool, [...objects.keys()]);
  const inside = sumOf(objects, known);
  const total = sum(objects);
  const seenShare = total === 0 ? null : inside / total;
  const records = taken.accepted + taken.refusedUnknown;
  const resolved =
    isWithoutObjects(feed.feed.kind) || records === 0
      ? null
      : ((seenShare ?? 0) * taken.accepted) / records;
  const strangers = [...objects].filter(([id]) => !known.has(id));
  const unresolved = count(taken.unknownIds);
  for (const [id, times] of strangers) unresolved.set(id, (unresolved.get(id) ?? 0) + times);
  const coverage = {
    feed: feed.name,
    kind: feed.feed.kind,
    basis: taken.basis,
    records,
    resolvedToInventory: resolved,
    resolvedToSubscribers: await subscribersShare(pool, feed, taken, objects, known),
    unresolved: top(unresolved),
    rejected: rejects.reasons,
  };
  return { ...coverage, mend: mendOf(coverage, feed) };
}

interface Taken {
  readonly basis: string;
  /** records that came through, as far as they are known */
  readonly accepted: number;
  readonly refusedUnknown: number;
  /** ids of the records at hand, one for each */
  readonly objects: readonly string[];
  readonly subscribers: readonly string[];
  readonly unknownIds: readonly string[];
}

/** Queues and areas are no objects of the inventory: a town is found by the names of sites. */
function isWithoutObjects(kind: CompiledFeed['feed']['kind']): boolean {
  return kind === 'calls' || kind === 'counts';
}

function fromSource({ basis, facts, letters }: FeedSample): Taken {
  const unknown = letters.filter(({ reason }) => reason === UNKNOWN);
  const objects = facts.flatMap(objectsOf);
  return {
    basis,
    accepted: objects.length,
    refusedUnknown: unknown.length,
    objects,
    subscribers: facts.flatMap(subscribersOf),
    unknownIds: unknown.flatMap(({ detail }) => idIn(detail)),
  };
}

async function fromJournal(
  pool: pg.Pool,
  feed: CompiledFeed,
  rejects: FeedRejects,
): Promise<Taken> {
  const kind = FACT_KINDS[feed.feed.kind];
  const journal = await sampleJournal(pool, kind);
  const mine = journal.facts.filter(
    (fact) => fact.kind !== 'reports' || fact.block.feed === feed.name,
  );
  const objects = mine.flatMap(objectsOf);
  const size = isWithoutObjects(feed.feed.kind) ? mine.flatMap(itemsOf).length : objects.length;
  const perEntry = journal.facts.length === 0 ? 0 : size / journal.facts.length;
  return {
    basis: 'journalled or refused since yesterday, about',
    // What is sampled is at least there, even when the rest is older than yesterday.
    accepted: Math.max(size, Math.round(perEntry * journal.entries)),
    refusedUnknown: rejects.reasons.find(({ reason }) => reason === UNKNOWN)?.count ?? 0,
    objects,
    subscribers: mine.flatMap(subscribersOf),
    unknownIds: rejects.unknownDetails.flatMap(idIn),
  };
}

async function subscribersShare(
  pool: pg.Pool,
  feed: CompiledFeed,
  taken: Taken,
  objects: ReadonlyMap<string, number>,
  known: ReadonlySet<string>,
): Promise<number | null> {
  if (feed.feed.kind === 'presence') {
    const people = count(taken.subscribers);
    const total = sum(people);
    return total === 0
      ? null
      : sumOf(people, await knownSubscribers(pool, [...people.keys()])) / total;
  }
  const total = sum(objects);
  if (total === 0 || feed.lane?.objectType === 'link' || feed.lane?.objectType === 'function') {
    return null;
  }
  return sumOf(objects, await withPeople(pool, [...known])) / total;
}

function mendOf(coverage: Omit<FeedCoverage, 'mend'>, feed: CompiledFeed): string {
  const { records, resolvedToInventory, resolvedToSubscribers, kind } = coverage;
  if (records === 0 && coverage.rejected.length === 0) {
    return 'nothing has come of this feed: check that its source writes, and the token it uses';
  }
  if (kind !== 'calls' && resolvedToInventory !== null && resolvedToInventory < 0.99) {
    const system = feed.feed.object?.system;
    return system === undefined
      ? 'import the objects that are missing (tocsin import cells FILE.csv), or say object.system in the feed and import aliases'
      : `import what system ${system} calls these objects: tocsin import aliases FILE.csv`;
  }
  if (resolvedToSubscribers !== null && resolvedToSubscribers < 0.9) {
    return kind === 'presence'
      ? 'import the subscribers that are missing: tocsin import subscribers FILE.csv'
      : 'import who is usually where: tocsin import presence FILE.csv, or subscribers with usual cells';
  }
  return '';
}

function objectsOf(fact: Fact): readonly string[] {
  if (fact.kind === 'reports') return fact.block.objectIds;
  if (fact.kind === 'alarms') return fact.items.map(({ objectId }) => objectId);
  if (fact.kind === 'tickets') return fact.items.flatMap(({ resourceId }) => resourceId ?? []);
  return fact.kind === 'presence' ? fact.items.map(({ cell }) => cell) : [];
}

function subscribersOf(fact: Fact): readonly string[] {
  return fact.kind === 'presence' ? fact.items.map(({ subscriber }) => subscriber) : [];
}

function itemsOf(fact: Fact): readonly unknown[] {
  return 'items' in fact ? fact.items : [];
}

/** The id a refusal speaks of: `"X" is no cell of the inventory`. */
function idIn(detail: DeadLetter['detail']): string[] {
  const [, quoted] = /("(?:[^"\\]|\\.)*") is no /.exec(detail) ?? [];
  return quoted === undefined ? [] : [String(JSON.parse(quoted))];
}

function count(ids: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, each) => total + each, 0);
}

function sumOf(counts: ReadonlyMap<string, number>, ids: ReadonlySet<string>): number {
  let total = 0;
  for (const [id, times] of counts) if (ids.has(id)) total += times;
  return total;
}

function top(counts: ReadonlyMap<string, number>): FeedCoverage['unresolved'] {
  return [...counts]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, UNRESOLVED_LISTED)
    .map(([id, times]) => ({ id: /^\+?\d{9,15}$/.test(id) ? maskNumber(id) : id, count: times }));
}
