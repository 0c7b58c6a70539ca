import type { SubscriptionKind } from '../../src/domain/customer.js';
import { mix3, Random } from '../random.js';
import { distanceKm } from '../world/geometry.js';
import type { Network, SimSite } from '../world/types.js';
import { canUse, drawDevice } from './devices.js';
import { type Habits, LIVES, type Life } from './lives.js';
import { type Places, pointNear } from './places.js';

/** Subscription kinds by number, as `Population.kind` stores them. */
export const KINDS: readonly SubscriptionKind[] = [
  'person',
  'dataOnly',
  'machine',
  'fleet',
  'emergency',
];
/** Segments by number. */
export const SEGMENTS = ['consumer', 'prepaid', 'premium', 'business'] as const;
/** Brands by number: the operator's own and one it carries. */
export const BRANDS = ['', 'Korrigan'] as const;

/** Subscribers in columns; row `i` is subscriber `i`, and its surrogate id is `i + 1`. */
export interface Population {
  readonly size: number;
  readonly kind: Uint8Array;
  readonly segment: Uint8Array;
  readonly brand: Uint8Array;
  readonly account: Int32Array;
  readonly isEnglish: Uint8Array;
  readonly isVulnerable: Uint8Array;
  readonly isOptedOut: Uint8Array;
  /** layers that the device can use, bits as in devices.ts */
  readonly device: Uint8Array;
  /** numbers of LIVES */
  readonly life: Uint8Array;
  /** site of the address that was declared: out of date for some, -1 for those who gave none */
  readonly declared: Int32Array;
  /** usual places; `workPlace` and `thirdPlace` are -1 for those without */
  readonly homePlace: Int32Array;
  readonly workPlace: Int32Array;
  readonly thirdPlace: Int32Array;
  /** the cells that a phone is mostly on there */
  readonly home: Int32Array;
  readonly work: Int32Array;
  readonly third: Int32Array;
  /** how somebody spends their days: the same always */
  habitsOf(subscriber: number): Habits;
}

/** Draws indices in proportion to weights. */
class Wheel {
  readonly #upTo: Float64Array;

  constructor(weights: readonly number[]) {
    let sum = 0;
    this.#upTo = Float64Array.from(weights, (weight) => {
      sum += weight;
      return sum;
    });
  }

  spin(random: Random): number {
    const wanted = random.next() * (this.#upTo[this.#upTo.length - 1] ?? 0);
    let low = 0;
    let high = this.#upTo.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#upTo[middle] ?? 0) > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Below this distance nearness draws no more: few work within sight of their home. */
const NEAR_KM = 5;

/** Where people of each site work: near and large places draw most (gravity model). */
function commuteWheels(sites: readonly SimSite[]): Wheel[] {
  return sites.map((from) => {
    const pull = (to: SimSite): number => {
      const km = distanceKm(from, to);
      return km > 70 ? 0 : (to.town.population ** 0.8 + 500) / (km + NEAR_KM) ** 1.8;
    };
    return new Wheel(sites.map(pull));
  });
}

/** Share of subscriptions: persons, data-only SIMs, machines, fleets. */
function drawKind(random: Random): number {
  const draw = random.next();
  if (draw < 0.885) return 0;
  if (draw < 0.915) return 1;
  return draw < 0.975 ? 2 : 3;
}

/** Consumer, prepaid, premium or business. */
function drawSegment(kind: number, random: Random): number {
  if (kind > 1) return 3;
  const draw = random.next();
  if (draw < 0.58) return 0;
  if (draw < 0.76) return 1;
  return draw < 0.86 ? 2 : 3;
}

/** Emergency services: a few lines, so that their loss can rank first. */
const EMERGENCY_PER = 8_000;

/** How people live who have work to go to: shares sum to 1. */
const WORKING: readonly (readonly [Life, number])[] = [
  ['office', 0.55],
  ['shifts', 0.15],
  ['school', 0.18],
  ['field', 0.12],
];

function drawLife(kind: number, hasWork: boolean, random: Random): number {
  if (kind === 2 || kind === 4) return LIVES.indexOf('still');
  if (!hasWork) return LIVES.indexOf('home');
  if (kind === 3) return LIVES.indexOf('field');
  let draw = random.next();
  const found = WORKING.find(([, share]) => {
    draw -= share;
    return draw < 0;
  });
  return LIVES.indexOf(found?.[0] ?? 'office');
}

/** Habits drawn from the subscriber's number, so that they need not be kept. */
function habitsOf(people: Population, seed: number, subscriber: number): Habits {
  const unit = (salt: number): number => mix3(seed, subscriber, salt) / 4294967296;
  const life = LIVES[people.life[subscriber] ?? 0] ?? 'office';
  return {
    life,
    home: people.homePlace[subscriber] ?? 0,
    work: people.workPlace[subscriber] ?? -1,
    third: people.thirdPlace[subscriber] ?? -1,
    begins: life === 'school' ? 33 + 3 * unit(101) : 28 + 14 * unit(101) ** 1.5,
    workQuarters: life === 'school' ? 26 + 6 * unit(102) : 20 + 18 * unit(102) ** 0.6,
    remote: life === 'office' ? 0.6 * unit(103) ** 2 : 0,
    errands: 0.4 + 2 * unit(104),
  };
}

function emptyPopulation(size: number, seed: number): Population {
  const people: Population = {
    size,
    kind: new Uint8Array(size),
    segment: new Uint8Array(size),
    brand: new Uint8Array(size),
    account: new Int32Array(size),
    isEnglish: new Uint8Array(size),
    isVulnerable: new Uint8Array(size),
    isOptedOut: new Uint8Array(size),
    device: new Uint8Array(size),
    life: new Uint8Array(size),
    declared: new Int32Array(size).fill(-1),
    homePlace: new Int32Array(size),
    workPlace: new Int32Array(size).fill(-1),
    thirdPlace: new Int32Array(size).fill(-1),
    home: new Int32Array(size),
    work: new Int32Array(size).fill(-1),
    third: new Int32Array(size).fill(-1),
    habitsOf: (subscriber) => habitsOf(people, seed, subscriber),
  };
  return people;
}

/** The cell that a device is mostly on at a place. */
function cellAt({ cells }: Network, places: Places, place: number, device: number): number {
  const heard = places.heardAt(place).cells;
  return heard.find((cell) => canUse(device, cells[cell]?.layer ?? 'L800')) ?? heard[0] ?? 0;
}

/**
 * Who subscribes, of what kind, and where they usually are; a household shares its home. The same
 * seed gives the same people.
 */
export function createPopulation(
  network: Network,
  seed: number,
  size: number,
  places: Places,
): Population {
  const random = new Random(seed, 'population');
  const { sites } = network;
  const people = emptyPopulation(size, seed);
  const homes = new Wheel(sites.map(({ population }) => population));
  const commutes = commuteWheels(sites);
  let account = 0;
  let left = 0;
  let homeSite = 0;
  for (let i = 0; i < size; i++) {
    const isEmergency = i % EMERGENCY_PER === EMERGENCY_PER - 1;
    const kind = isEmergency ? 4 : drawKind(random);
    if (left-- <= 0 || kind !== 0) {
      account++;
      left = kind === 0 ? random.below(4) : 0;
      homeSite = homes.spin(random);
      const site = sites[homeSite];
      if (site !== undefined)
        people.homePlace[i] = places.add(pointNear(site, random), homeSite, random);
    } else people.homePlace[i] = people.homePlace[i - 1] ?? 0;
    people.kind[i] = kind;
    people.segment[i] = drawSegment(kind, random);
    people.brand[i] = random.chance(0.12) ? 1 : 0;
    people.account[i] = account;
    people.isEnglish[i] = random.chance(0.06) ? 1 : 0;
    people.isVulnerable[i] = kind === 0 && random.chance(0.015) ? 1 : 0;
    people.isOptedOut[i] = random.chance(0.03) ? 1 : 0;
    people.device[i] = drawDevice(kind === 2, random);
    if (kind !== 2 && kind !== 4) {
      const workSite = commutes[homeSite]?.spin(random) ?? homeSite;
      const thirdSite = commutes[homeSite]?.spin(random) ?? homeSite;
      if (random.chance(0.72)) people.workPlace[i] = places.publicAt(workSite, random.bits());
      people.thirdPlace[i] = places.publicAt(thirdSite, random.bits());
    }
    people.life[i] = drawLife(kind, (people.workPlace[i] ?? -1) >= 0, random);
  }
  nameCells(people, network, places);
  declarePlaces(people, homes, places, new Random(seed, 'declared places'));
  return people;
}

function nameCells(people: Population, network: Network, places: Places): void {
  const { homePlace, workPlace, thirdPlace, home, work, third, device, size } = people;
  const pairs = [
    [homePlace, home],
    [workPlace, work],
    [thirdPlace, third],
  ] as const;
  for (const [place, cell] of pairs) {
    for (let i = 0; i < size; i++) {
      const at = place[i] ?? -1;
      if (at >= 0) cell[i] = cellAt(network, places, at, device[i] ?? 0);
    }
  }
}

/** Share of those who moved and did not say so, and of those whose address is not known. */
const MOVED = 0.05;
const UNDECLARED = 0.04;

function declarePlaces(people: Population, homes: Wheel, places: Places, random: Random): void {
  for (let i = 0; i < people.size; i++) {
    const elsewhere = homes.spin(random);
    const draw = random.next();
    if (draw < UNDECLARED) continue;
    const isOld = draw < UNDECLARED + MOVED;
    const home = people.homePlace[i] ?? 0;
    const covering = places.radio.coveringSite(places.pointOf(home), places.siteOf(home));
    people.declared[i] = isOld ? elsewhere : covering;
  }
}
