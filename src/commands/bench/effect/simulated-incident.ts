import { Random } from '../../../../simulators/random.js';
import { type ContrastCell, contrastSums } from '../../../notify/effect/contrast.js';
import { controlContrast } from '../../../notify/effect/control-group.js';
import type { ObservedEffect } from '../../../notify/effect/estimate.js';
import {
  clusterExposures,
  orderContrast,
  type SendingStratum,
  type StratumCall,
} from '../../../notify/effect/sending-order.js';

/** What differs between the worlds of the bench. */
export interface EffectScenario {
  readonly design: ObservedEffect['design'];
  /** share of people without coverage: no message reaches them, and they call twice as often */
  readonly uncovered: number;
  /** share by which untold people call less once all around them are told */
  readonly spillOver: number;
}

/** An incident as it was observed, and what is true of it. */
export interface SimulatedEffect {
  readonly observed: ObservedEffect;
  /** the reduction the design is to find, in [0,1] */
  readonly truth: number;
  /** what would not have been called if all had been told, against nobody told */
  readonly totalTruth: number;
  /** expected calls that telling prevented */
  readonly prevented: number;
}

interface Person {
  readonly account: number;
  readonly area: number;
  readonly isCovered: boolean;
  /** expected calls over the incident if nobody were told */
  readonly calls: number;
}

const AREAS = 120;
const CONTROL_SHARE = 0.1;
const PEAK_MS = 25 * 60_000;
const END_MS = 6 * 3_600_000;

/**
 * One incident of a random size, reduction, propensity and pace of sending. Calls come as first ones
 * and repeats, heavily from some accounts; their rate over time is a gamma's of shape 2.
 * @param seed a world of its own for each
 */
export function simulateEffect(seed: number, scenario: EffectScenario): SimulatedEffect {
  const random = new Random(seed, 'effect');
  const reduction = 0.05 + 0.5 * random.next();
  const people = drawPeople(random, scenario, Math.round(12_000 * 3 ** random.next()));
  return scenario.design === 'controlGroup'
    ? withControlGroup(random, { people, reduction, scenario })
    : inRandomOrder(random, { people, reduction, scenario });
}

interface World {
  readonly people: readonly Person[];
  readonly reduction: number;
  readonly scenario: EffectScenario;
}

function drawPeople(random: Random, { uncovered }: EffectScenario, count: number): Person[] {
  const propensity = 0.06 + 0.08 * random.next();
  const people: Person[] = [];
  for (let account = 0; people.length < count; account++) {
    const mood = random.gamma(1.5, 1);
    const area = random.below(AREAS);
    const areaMood = 0.7 + 0.6 * ((area * 0.618) % 1);
    const members = 1 + random.below(3);
    for (let n = 0; n < members; n++) {
      const isCovered = random.next() >= uncovered;
      const calls = propensity * mood * areaMood * (isCovered ? 1 : 2);
      people.push({ account, area, isCovered, calls });
    }
  }
  return people;
}

/** Share of an incident's calls that have come by then. */
function calledBy(atMs: number): number {
  const x = atMs / PEAK_MS;
  return 1 - (1 + x) * Math.exp(-x);
}

/** When a call comes, if it does: by bisection of `calledBy`. */
function drawTime(random: Random): number {
  const share = random.next() * calledBy(END_MS);
  let lo = 0;
  let hi = END_MS;
  for (let n = 0; n < 30; n++) {
    const middle = (lo + hi) / 2;
    if (calledBy(middle) < share) lo = middle;
    else hi = middle;
  }
  return lo;
}

const factorOf = (person: Person, reduction: number): number =>
  person.isCovered ? 1 - reduction : 1;

/** Part of everybody's calls that telling saves, if it tells nothing to those around. */
function directEffect({ people, reduction }: World): number {
  let before = 0;
  let after = 0;
  for (const person of people) {
    before += person.calls;
    after += person.calls * factorOf(person, reduction);
  }
  return 1 - after / before;
}

function truthsOf(world: World): Pick<SimulatedEffect, 'truth' | 'totalTruth'> {
  const direct = directEffect(world);
  const totalTruth = 1 - (1 - direct) * (1 - world.scenario.spillOver);
  return { truth: world.scenario.design === 'areaOrder' ? totalTruth : direct, totalTruth };
}

function withControlGroup(random: Random, world: World): SimulatedEffect {
  const { people, reduction, scenario } = world;
  const accounts = new Map<number, { isControl: boolean; people: number; calls: number }>();
  let prevented = 0;
  const around = 1 - scenario.spillOver * (1 - CONTROL_SHARE);
  for (const person of people) {
    const own = accounts.get(person.account) ?? {
      isControl: random.next() < CONTROL_SHARE,
      people: 0,
      calls: 0,
    };
    accounts.set(person.account, own);
    const factor = own.isControl ? 1 : factorOf(person, reduction);
    prevented += person.calls * around * (1 - factor);
    own.people++;
    own.calls += random.poisson(person.calls * around * factor);
  }
  const contrast = controlContrast(
    [...accounts.values()].map((each) => ({ ...each, accounts: 1 })),
  );
  const { told, untold, sums } = contrast;
  const shareTold = told / (told + untold);
  return {
    observed: { design: scenario.design, ...contrast, shareTold, callsAfterTold: sums.toldCalls },
    ...truthsOf(world),
    prevented,
  };
}

/** The order of people, or of areas with their people one after another. */
function drawOrder(random: Random, { people, scenario }: World): Person[] {
  const keys = new Map<number, number>();
  const keyed = people.map((person, n) => {
    const unit = scenario.design === 'areaOrder' ? person.area : n;
    const key = keys.get(unit) ?? random.next();
    keys.set(unit, key);
    return { person, key };
  });
  return keyed.sort((a, b) => a.key - b.key).map(({ person }) => person);
}

function inRandomOrder(random: Random, world: World): SimulatedEffect {
  const { scenario, reduction } = world;
  const order = drawOrder(random, world);
  const startMs = 3 * 60_000 * random.next();
  const lastingMs = (40 + 80 * random.next()) * 60_000;
  const turns = Float64Array.from(
    order,
    (_, place) => startMs + (place / order.length) * lastingMs,
  );
  const stratum: SendingStratum = { people: order.length, turns };
  const isByArea = scenario.design === 'areaOrder';
  const areaTurns = new Map<number, number>();
  for (const [place, { area }] of order.entries()) {
    if (!areaTurns.has(area)) areaTurns.set(area, turns[place] ?? 0);
  }
  /** how much of what others were told has come round to somebody */
  const heard = (person: Person, atMs: number): number => {
    if (isByArea) return atMs >= (areaTurns.get(person.area) ?? 0) ? 1 : 0;
    return Math.min(1, Math.max(0, (atMs - startMs) / lastingMs));
  };
  const calls: StratumCall[] = [];
  let prevented = 0;
  for (const [place, person] of order.entries()) {
    for (let left = random.poisson(person.calls); left > 0; left--) {
      const atMs = drawTime(random);
      const spared = 1 - scenario.spillOver * heard(person, atMs);
      const factor = atMs >= (turns[place] ?? 0) ? factorOf(person, reduction) : 1;
      prevented += isByArea ? 1 - spared * factor : spared * (1 - factor);
      if (random.next() >= spared * factor) continue;
      const cluster = isByArea ? person.area : person.account;
      calls.push({ stratum: 0, place, cluster, atMs });
    }
  }
  const contrast = orderContrast([stratum], calls, END_MS);
  return {
    observed: {
      design: scenario.design,
      sums: contrastSums(
        contrast.cells,
        contrast.calls,
        isByArea ? clusterExposures(0, stratum, (place) => order[place]?.area ?? 0) : [],
      ),
      told: order.length,
      untold: 0,
      shareTold: shareTold(contrast.cells),
      callsAfterTold: contrast.callsAfterTurn,
    },
    ...truthsOf(world),
    prevented,
  };
}

function shareTold(cells: readonly ContrastCell[]): number {
  const told = cells.reduce((sum, cell) => sum + cell.toldExposure, 0);
  const untold = cells.reduce((sum, cell) => sum + cell.untoldExposure, 0);
  return told / Math.max(told + untold, 1e-9);
}
