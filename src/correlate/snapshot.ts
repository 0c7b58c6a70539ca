import type { Anomaly } from '../domain/anomaly.js';
import { TocsinError } from '../domain/errors.js';
import type { ActiveAlarm } from './alarm-book.js';
import type { StoredCustomers } from './customers/customer-book.js';
import type { CellSpell, Episode } from './episode.js';
import type { GapWatch, StoredGap } from './gap-watch.js';
import type { InputQueue, QueuedInput } from './input-queue.js';
import type { StoredMute } from './mutes.js';
import type { RankedCause } from './ranking.js';
import type { RepairBook, StoredRepairs } from './repair/repair-book.js';
import { upgrade, withWords } from './snapshot-upgrade.js';
import type { StillDownAnswer } from './still-down.js';
import type { KnownTicket, TicketBook } from './ticket-book.js';
import type { StoredRecord } from './track-record.js';
import type { Spell, World } from './world.js';

const VERSION = 3;

interface Parts {
  readonly world: World;
  readonly episodes: Map<string, Episode>;
  readonly repairs: RepairBook;
  readonly tickets: TicketBook;
  readonly queue: InputQueue;
  readonly gapWatch: GapWatch;
}

interface Clocks {
  readonly decidedMs: number;
  readonly wakeMs: number;
}

type StoredCause = Omit<RankedCause, 'resource' | 'alike'> & {
  readonly resource: string | null;
  readonly alike: readonly string[];
};

type StoredEpisode = Omit<
  Episode,
  'members' | 'cells' | 'causes' | 'alarmIds' | 'anomalyIds' | 'kpis' | 'events'
> & {
  readonly members: readonly (readonly [string, number])[];
  readonly cells: readonly (readonly [string, CellSpell])[];
  readonly causes: readonly StoredCause[];
  readonly alarmIds: readonly string[];
  readonly anomalyIds: readonly string[];
  readonly kpis: readonly string[];
};

interface Stored {
  readonly version: number;
  readonly decidedMs: number | null;
  readonly wakeMs: number | null;
  readonly lastAlarmMs: number | null;
  readonly observed: readonly (readonly [string, readonly string[]])[];
  readonly anomalies: readonly Anomaly[];
  readonly alarms: readonly (Omit<ActiveAlarm, 'resource'> & { readonly object: string })[];
  readonly surplus: readonly (readonly [string, readonly Spell[]])[];
  readonly silences: readonly (readonly [string, Spell])[];
  /** absent in states stored before rises were told */
  readonly rises?: readonly (readonly [string, number, number, (number | null)?])[];
  readonly ended: readonly (readonly [string, number])[];
  readonly outages: readonly (readonly [string, number])[];
  readonly dismissed: readonly string[];
  readonly mutes: readonly StoredMute[];
  readonly record: StoredRecord;
  readonly witnessed: readonly string[];
  /** absent in states stored before it was kept */
  readonly unmoved?: readonly string[];
  readonly queue: readonly QueuedInput[];
  readonly gaps: readonly StoredGap[];
  readonly episodes: readonly StoredEpisode[];
  readonly repairs: StoredRepairs;
  /** absent in states stored before tickets were read */
  readonly tickets?: readonly KnownTicket[];
  /** absent in states stored before callers' answers were read */
  readonly stillDown?: readonly StillDownAnswer[];
  /** absent in states stored before it was kept */
  readonly gone?: readonly string[];
  /** absent in states stored before customers were heard */
  readonly customers?: StoredCustomers;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function storeEpisode(world: World, episode: Episode): StoredEpisode {
  const { members, cells, causes, alarmIds, anomalyIds, kpis, events: _events, ...rest } = episode;
  const key = (resource: number): string => world.space.keyOf(resource);
  return {
    ...rest,
    members: [...members].map(([resource, onsetMs]) => [key(resource), onsetMs]),
    cells: [...cells].map(([cell, spell]) => [key(cell), spell]),
    causes: causes.map((cause) => ({
      ...cause,
      resource: cause.resource < 0 ? null : key(cause.resource),
      alike: cause.alike.map(key),
    })),
    alarmIds: [...alarmIds],
    anomalyIds: [...anomalyIds],
    kpis: [...kpis],
  };
}

function loadEpisode(world: World, stored: StoredEpisode): Episode {
  const number = (key: string): number => world.space.fromKey(key);
  return {
    ...withWords(stored),
    members: new Map(stored.members.map(([key, onsetMs]) => [number(key), onsetMs])),
    cells: new Map(stored.cells.map(([key, spell]) => [number(key), spell])),
    causes: stored.causes.map((cause) => ({
      ...cause,
      resource: cause.resource === null ? -1 : number(cause.resource),
      alike: cause.alike.map(number),
    })),
    alarmIds: new Set(stored.alarmIds),
    anomalyIds: new Set(stored.anomalyIds),
    kpis: new Set(stored.kpis),
    events: [],
  };
}

/**
 * The whole state as JSON, by ids and not by numbers, so that it can be restored into a newer
 * inventory. Take it after the changes of `advance` have been handed on: they are not part of it.
 */
export function writeSnapshot(parts: Parts & Clocks): Uint8Array {
  const { world } = parts;
  const key = (resource: number): string => world.space.keyOf(resource);
  const keyed = (map: ReadonlyMap<number, number>): [string, number][] =>
    [...map].map(([resource, value]) => [key(resource), value]);
  const stored: Stored = {
    version: VERSION,
    decidedMs: finite(parts.decidedMs),
    wakeMs: finite(parts.wakeMs),
    lastAlarmMs: finite(world.lastAlarmMs),
    observed: [...world.space.observedBy()].map(([feed, cells]) => [feed, [...cells].map(key)]),
    anomalies: [...world.anomalies.resources()].flatMap((each) => world.anomalies.of(each)),
    alarms: [...world.alarms.resources()].flatMap((each) =>
      world.alarms.of(each).map(({ resource, ...alarm }) => ({ ...alarm, object: key(resource) })),
    ),
    surplus: [...world.surplus].map(([cell, spells]) => [key(cell), spells]),
    rises: world.rises.since(Number.NEGATIVE_INFINITY).flatMap(({ atMs, byCell, excess }) =>
      [...byCell].map(([cell, z]) => {
        const more = excess.get(cell);
        return [key(cell), atMs, z, more === undefined ? null : 1 + more] as const;
      }),
    ),
    silences: [...world.silences].map(([cell, spell]) => [key(cell), spell]),
    ended: keyed(world.ended),
    outages: keyed(world.outages),
    dismissed: [...world.dismissed],
    mutes: world.mutes.stored(),
    record: world.record.stored(),
    witnessed: [...world.witnessed].map(key),
    unmoved: [...world.unmoved].map(key),
    queue: parts.queue.waiting(),
    gaps: parts.gapWatch.stored(world),
    episodes: [...parts.episodes.values()].map((episode) => storeEpisode(world, episode)),
    repairs: parts.repairs.stored(),
    tickets: parts.tickets.stored(),
    stillDown: world.stillDown.stored(),
    gone: [...world.gone],
    customers: world.customers.stored(),
  };
  return new TextEncoder().encode(JSON.stringify(stored));
}

/**
 * Puts a stored state into stages that have none yet.
 * @throws TocsinError `input.payload` when it is a state of no version known here
 */
export function readSnapshot(state: Uint8Array, into: Parts): Clocks {
  const read = JSON.parse(new TextDecoder().decode(state)) as Stored;
  const stored = upgrade(read);
  if (stored.version !== VERSION) {
    const given = JSON.stringify(read.version ?? null);
    throw new TocsinError(
      'input.payload',
      `correlate state has version ${given}, allowed: 1 to ${VERSION}`,
    );
  }
  const { world } = into;
  const { space } = world;
  for (const [feed, cells] of stored.observed)
    for (const cell of cells) space.observe(feed, space.fromKey(cell));
  for (const anomaly of stored.anomalies) world.restoreAnomaly(anomaly);
  for (const { object, ...alarm } of stored.alarms)
    world.alarms.put({ ...alarm, resource: space.fromKey(object) });
  for (const [key, spells] of stored.surplus) world.surplus.set(space.fromKey(key), spells);
  for (const [key, atMs, z, ratio] of stored.rises ?? [])
    world.rises.note(space.fromKey(key), atMs, { z, ratio: ratio ?? undefined });
  for (const [key, spell] of stored.silences) world.silences.set(space.fromKey(key), spell);
  for (const [key, endedMs] of stored.ended) world.ended.set(space.fromKey(key), endedMs);
  for (const [key, endedMs] of stored.outages) world.outages.set(space.fromKey(key), endedMs);
  world.mutes.restore(stored.mutes);
  world.record.restore(stored.record);
  world.stillDown.restore(stored.stillDown ?? []);
  for (const key of stored.gone ?? []) world.gone.add(key);
  world.customers.restore(stored.customers ?? { counts: [], rises: [] });
  for (const id of stored.dismissed) world.dismissed.add(id);
  for (const cell of stored.witnessed) world.witnessed.add(space.fromKey(cell));
  for (const cell of stored.unmoved ?? []) world.unmoved.add(space.fromKey(cell));
  world.lastAlarmMs = stored.lastAlarmMs ?? Number.NEGATIVE_INFINITY;
  into.queue.restore(stored.queue);
  into.gapWatch.restore(world, stored.gaps);
  into.repairs.restore(stored.repairs);
  into.tickets.restore(stored.tickets ?? []);
  for (const episode of stored.episodes) into.episodes.set(episode.id, loadEpisode(world, episode));
  return {
    decidedMs: stored.decidedMs ?? Number.NEGATIVE_INFINITY,
    wakeMs: stored.wakeMs ?? Number.POSITIVE_INFINITY,
  };
}
