import type { Presence } from '../../src/domain/facts.js';
import { mix3 } from '../random.js';
import { localMoment, PERIOD_MS } from '../telemetry/calendar.js';
import type { World } from '../world.js';
import { isDeviceKnown, technologiesOf } from './devices.js';
import { accountOf, imsiOf, msisdnOf } from './identities.js';
import { BRANDS, KINDS, type Population, SEGMENTS } from './population.js';
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
  'technologies',
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

/** What the operator knows a device to use; empty where it knows nothing of it. */
export function knownTechnologies({ device }: Population, subscriber: number): string {
  return isDeviceKnown(mix3(subscriber, 53, 1)) ? technologiesOf(device[subscriber] ?? 0) : '';
}

/** One subscriber's record. */
export function subscriberRecord(world: World, subscriber: number): SubscriberRecord {
  const { people, network } = world;
  const declared = people.declared[subscriber] ?? -1;
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
    home_site: network.sites[declared]?.siteId ?? '',
    usual_cells: usual
      .map(({ cell, weight }) => `${network.cells[cell]?.cellId ?? ''}:${weight}`)
      .join('|'),
    technologies: knownTechnologies(people, subscriber),
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

/** What a population shows of itself: who is where, and how cells serve. */
type Seen = Pick<World, 'network' | 'people' | 'movement'>;

/** Share of quarter hours in which a phone does something, by local hour: nobody calls asleep. */
const AWAKE_BY_HOUR = [
  0.12, 0.08, 0.06, 0.06, 0.08, 0.2, 0.5, 0.85, 1, 1, 1, 1.05, 1.15, 1.05, 1, 1, 1.05, 1.15, 1.2,
  1.1, 1, 0.85, 0.55, 0.25,
] as const;
/** Least and most used phone: share of quarter hours of the day with something to see. */
const QUIETEST = 0.03;
const BUSIEST = 0.45;
/** Machines report as often by night as by day. */
const MACHINE = 0.12;
/** A phone that does nothing updates its place once in so many quarter hours. */
const UPDATE_QUARTERS = 12;

/**
 * Sightings of one quarter hour: of phones that do something, that crossed into the area of another
 * aggregation node, or whose periodic update is due. A phone that changes cell in silence is not
 * seen, and nobody is seen at a cell that is out.
 * @param share of subscribers whose network tells at all, in [0,1]
 */
export function* presenceOf(
  world: Seen,
  service: ServiceTruth,
  startMs: number,
  share: number,
): Generator<Presence> {
  const { network } = world;
  for (const { subscriber, cell, atMs } of sightingsOf(world, service, startMs, share)) {
    const cellId = network.cells[cell]?.cellId ?? '';
    yield { subscriber: imsiOf(subscriber), cell: cellId, time: new Date(atMs).toISOString() };
  }
}

/** One sighting by indices. */
export interface Sighting {
  readonly subscriber: number;
  readonly cell: number;
  readonly atMs: number;
}

/** As `presenceOf`, by indices. */
export function* sightingsOf(
  { people, network, movement }: Seen,
  service: ServiceTruth,
  startMs: number,
  share: number,
): Generator<Sighting> {
  const slot = Math.floor(startMs / PERIOD_MS);
  const hour = localMoment(startMs, network.zone).quarter >> 2;
  const awake = AWAKE_BY_HOUR[hour] ?? 1;
  const areaOf = (i: number, ms: number): number =>
    network.sites[network.cells[movement.cellAt(i, ms)]?.site ?? 0]?.aggregation ?? 0;
  for (const i of told(people.size, share)) {
    const rate = people.kind[i] === 2 ? MACHINE : awake * usageOf(i);
    const isActive = mix3(i, 43, slot) < rate * 4294967296;
    const isDue = (i + slot) % UPDATE_QUARTERS === 0;
    if (!(isActive || isDue) && areaOf(i, startMs) === areaOf(i, startMs - PERIOD_MS)) continue;
    const cell = service.servingCell(i, startMs);
    if (cell < 0) continue;
    yield { subscriber: i, cell, atMs: startMs + ((i * 7919 + slot * 131) % 900) * 1000 };
  }
}

/** How much a phone is used: log-uniform, always the same for the same person. */
function usageOf(subscriber: number): number {
  return QUIETEST * (BUSIEST / QUIETEST) ** (mix3(subscriber, 47, 1) / 4294967296);
}

/** The subscribers whose sightings are told: the same ones always. */
function* told(size: number, share: number): Generator<number> {
  for (let i = 0; i < size; i++) if (mix3(i, 41, 0) < share * 4294967296) yield i;
}
