import type { Presence } from '../../src/domain/facts.js';
import type { World } from '../world.js';
import { accountOf, imsiOf, msisdnOf } from './identities.js';
import { BRANDS, KINDS, SEGMENTS } from './population.js';

/** One subscriber as `tocsin import subscribers` takes it. */
export interface SubscriberRecord {
  readonly subscriberId: number;
  readonly kind: string;
  readonly brand: string;
  readonly segment: string;
  readonly language: string;
  readonly zone: string;
  readonly vulnerable: boolean;
  readonly homeSite: string;
  readonly imsi: string;
  readonly msisdn: string;
  readonly account: string;
  /** cell and share of time, parted by a colon; several parted by semicolons */
  readonly usualCells: string;
  readonly optedOut: boolean;
}

/** Columns of a subscribers file, in order. */
export const SUBSCRIBER_COLUMNS = [
  'subscriberId',
  'kind',
  'brand',
  'segment',
  'language',
  'zone',
  'vulnerable',
  'homeSite',
  'imsi',
  'msisdn',
  'account',
  'usualCells',
  'optedOut',
] as const satisfies readonly (keyof SubscriberRecord)[];

/** Usual cells of a subscriber with their share of time; home first. */
export function usualCellsOf(world: World, subscriber: number): { cell: number; weight: number }[] {
  const { home, work, third } = world.people;
  const weights = new Map<number, number>();
  const add = (cell: number | undefined, weight: number): void => {
    if (cell === undefined || cell < 0) return;
    weights.set(cell, (weights.get(cell) ?? 0) + weight);
  };
  const hasWork = (work[subscriber] ?? -1) >= 0;
  add(home[subscriber], hasWork ? 0.6 : 0.8);
  add(work[subscriber], 0.22);
  add(third[subscriber], 0.06);
  return [...weights].map(([cell, weight]) => ({ cell, weight: Math.round(weight * 100) / 100 }));
}

/** One subscriber's record. */
export function subscriberRecord(world: World, subscriber: number): SubscriberRecord {
  const { people, network } = world;
  const home = network.cells[people.home[subscriber] ?? 0];
  const usual = usualCellsOf(world, subscriber);
  return {
    subscriberId: subscriber + 1,
    kind: KINDS[people.kind[subscriber] ?? 0] ?? 'person',
    brand: BRANDS[people.brand[subscriber] ?? 0] ?? '',
    segment: SEGMENTS[people.segment[subscriber] ?? 0] ?? 'consumer',
    language: people.isEnglish[subscriber] === 1 ? 'en' : 'fr',
    zone: network.zone,
    vulnerable: people.isVulnerable[subscriber] === 1,
    homeSite: network.sites[home?.site ?? 0]?.siteId ?? '',
    imsi: imsiOf(subscriber),
    msisdn: msisdnOf(subscriber),
    account: accountOf(people.account[subscriber] ?? 0),
    usualCells: usual
      .map(({ cell, weight }) => `${network.cells[cell]?.cellId ?? ''}:${weight}`)
      .join(';'),
    optedOut: people.isOptedOut[subscriber] === 1,
  };
}

/** All subscribers in order of their ids, made one at a time. */
export function* subscriberRecords(world: World): Generator<SubscriberRecord> {
  for (let i = 0; i < world.people.size; i++) yield subscriberRecord(world, i);
}

/**
 * Sightings of one quarter hour: subscribers who changed cell since the one before, and one in
 * eight of the others. @param share of subscribers whose network tells at all, in [0,1]
 */
export function* presenceOf(world: World, startMs: number, share: number): Generator<Presence> {
  const { people, movement, network } = world;
  const slot = Math.floor(startMs / 900_000);
  for (let i = 0; i < people.size; i++) {
    if ((i * 0x9e3779b1) >>> 0 > share * 4294967296) continue;
    const cell = movement.cellAt(i, startMs);
    if ((i + slot) % 8 !== 0 && cell === movement.cellAt(i, startMs - 900_000)) continue;
    const atMs = startMs + ((i * 7919) % 900) * 1000;
    yield {
      subscriber: imsiOf(i),
      cell: network.cells[cell]?.cellId ?? '',
      time: new Date(atMs).toISOString(),
    };
  }
}
