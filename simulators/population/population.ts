import type { SubscriptionKind } from '../../src/domain/customer.js';
import { Random } from '../random.js';
import { distanceKm } from '../world/geometry.js';
import type { Network, SimSite } from '../world/types.js';

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
  /** site of the address that was declared: out of date for some, -1 for those who gave none */
  readonly declared: Int32Array;
  /** usual cells; `work` and `third` are -1 for those without */
  readonly home: Int32Array;
  readonly work: Int32Array;
  readonly third: Int32Array;
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

function cellOf(sites: readonly SimSite[], site: number, random: Random): number {
  return random.pick(sites[site]?.cells ?? []);
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

function emptyPopulation(size: number): Population {
  return {
    size,
    kind: new Uint8Array(size),
    segment: new Uint8Array(size),
    brand: new Uint8Array(size),
    account: new Int32Array(size),
    isEnglish: new Uint8Array(size),
    isVulnerable: new Uint8Array(size),
    isOptedOut: new Uint8Array(size),
    declared: new Int32Array(size).fill(-1),
    home: new Int32Array(size),
    work: new Int32Array(size).fill(-1),
    third: new Int32Array(size).fill(-1),
  };
}

/** Who subscribes, of what kind, and where they usually are. The same seed gives the same people. */
export function createPopulation(network: Network, seed: number, size: number): Population {
  const random = new Random(seed, 'population');
  const { sites } = network;
  const people = emptyPopulation(size);
  const homes = new Wheel(sites.map(({ population }) => population));
  const commutes = commuteWheels(sites);
  let account = 0;
  let left = 0;
  for (let i = 0; i < size; i++) {
    const isEmergency = i % EMERGENCY_PER === EMERGENCY_PER - 1;
    const kind = isEmergency ? 4 : drawKind(random);
    const homeSite = homes.spin(random);
    if (left-- <= 0 || kind !== 0) {
      account++;
      left = kind === 0 ? random.below(4) : 0;
    }
    people.kind[i] = kind;
    people.segment[i] = drawSegment(kind, random);
    people.brand[i] = random.chance(0.12) ? 1 : 0;
    people.account[i] = account;
    people.isEnglish[i] = random.chance(0.06) ? 1 : 0;
    people.isVulnerable[i] = kind === 0 && random.chance(0.015) ? 1 : 0;
    people.isOptedOut[i] = random.chance(0.03) ? 1 : 0;
    people.home[i] = cellOf(sites, homeSite, random);
    if (kind === 2 || kind === 4) continue;
    const workSite = commutes[homeSite]?.spin(random) ?? homeSite;
    const thirdSite = commutes[homeSite]?.spin(random) ?? homeSite;
    if (random.chance(0.72)) people.work[i] = cellOf(sites, workSite, random);
    people.third[i] = cellOf(sites, thirdSite, random);
  }
  declarePlaces(people, network, homes, new Random(seed, 'declared places'));
  return people;
}

/** Share of those who moved and did not say so, and of those whose address is not known. */
const MOVED = 0.05;
const UNDECLARED = 0.04;

function declarePlaces(people: Population, { cells }: Network, homes: Wheel, random: Random): void {
  for (let i = 0; i < people.size; i++) {
    const elsewhere = homes.spin(random);
    const draw = random.next();
    if (draw < UNDECLARED) continue;
    const isOld = draw < UNDECLARED + MOVED;
    people.declared[i] = isOld ? elsewhere : (cells[people.home[i] ?? 0]?.site ?? -1);
  }
}
