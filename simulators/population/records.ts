import type { Presence } from '../../src/domain/facts.js';
import { mix3 } from '../random.js';
import { PERIOD_MS } from '../telemetry/calendar.js';
import type { World } from '../world.js';
import { accountOf, imsiOf, msisdnOf } from './identities.js';
import { BRANDS, KINDS, SEGMENTS } from './population.js';
import type { ServiceTruth } from './service.js';

/** One subscriber as `tocsin import subscribers` takes it; `opted_out` is for people to read. */
export type SubscriberRecord = Readonly<
  Record<(typeof SUBSCRIBER_COLUMNS)[number], string | boolean>
>;

/** Columns of a subscribers file, in order. */
export const SUBSCRIBER_COLUMNS = [
  'account',
  'imsi',
  'msisdn',
  'kind',
  'brand',
  'segment',
  'language',
  'zone',
  'vulnerable',
  'home_site',
  'usual_cells',
  'opted_out',
] as const;

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
    account: accountOf(people.account[subscriber] ?? 0),
    imsi: imsiOf(subscriber),
    msisdn: msisdnOf(subscriber),
    kind: KINDS[people.kind[subscriber] ?? 0] ?? 'person',
    brand: BRANDS[people.brand[subscriber] ?? 0] ?? '',
    segment: SEGMENTS[people.segment[subscriber] ?? 0] ?? 'consumer',
    language: people.isEnglish[subscriber] === 1 ? 'en' : 'fr',
    zone: network.zone,
    vulnerable: people.isVulnerable[subscriber] === 1,
    home_site: network.sites[home?.site ?? 0]?.siteId ?? '',
    usual_cells: usual
      .map(({ cell, weight }) => `${network.cells[cell]?.cellId ?? ''}:${weight}`)
      .join('|'),
    opted_out: people.isOptedOut[subscriber] === 1,
  };
}

/** Numbers that want no messages, as `tocsin import optouts` takes them. */
export function* optOutRecords({ people }: World): Generator<{ readonly msisdn: string }> {
  for (let i = 0; i < people.size; i++) {
    if (people.isOptedOut[i] === 1) yield { msisdn: msisdnOf(i) };
  }
}

/** All subscribers in order of their ids, made one at a time. */
export function* subscriberRecords(world: World): Generator<SubscriberRecord> {
  for (let i = 0; i < world.people.size; i++) yield subscriberRecord(world, i);
}

/**
 * Sightings of one quarter hour: subscribers who changed cell since the one before, and one in
 * eight of the others; nobody is seen at a cell that is out.
 * @param share of subscribers whose network tells at all, in [0,1]
 */
export function* presenceOf(
  world: World,
  service: ServiceTruth,
  startMs: number,
  share: number,
): Generator<Presence> {
  const { people, network } = world;
  const slot = Math.floor(startMs / PERIOD_MS);
  const cellOf = (i: number, ms: number): number =>
    service.servingCell(i, world.movement.cellAt(i, ms), ms);
  for (const i of told(people.size, share)) {
    const before = (i + slot) % 8 === 0 ? -1 : cellOf(i, startMs - PERIOD_MS);
    const cell = cellOf(i, startMs);
    if (cell < 0 || cell === before) continue;
    const atMs = startMs + ((i * 7919) % 900) * 1000;
    yield {
      subscriber: imsiOf(i),
      cell: network.cells[cell]?.cellId ?? '',
      time: new Date(atMs).toISOString(),
    };
  }
}

/** The subscribers whose sightings are told: the same ones always. */
function* told(size: number, share: number): Generator<number> {
  for (let i = 0; i < size; i++) if (mix3(i, 41, 0) < share * 4294967296) yield i;
}
