import { buildFault } from '../faults/build-fault.js';
import type { CellEffect } from '../faults/conditions.js';
import { cellsOfSites } from '../faults/targets.js';
import type { Fault, FaultKind, FaultSpec } from '../faults/types.js';
import { Random } from '../random.js';
import type { World } from '../world.js';

const MINUTE = 60_000;
/** Ended faults are forgotten after this long. */
const KEEP_MS = 24 * 60 * MINUTE;

/** How often each kind comes, relative, and its least and greatest length in minutes. */
const MIX: readonly (readonly [FaultKind, number, number, number])[] = [
  ['sitePower', 5, 40, 120],
  ['transportCut', 5, 45, 110],
  ['cellOutage', 4, 40, 150],
  ['sectorFailure', 4, 40, 150],
  ['sleepingCell', 3, 90, 240],
  ['interference', 2, 90, 240],
  ['aggregationFailure', 1.5, 35, 80],
  ['flapping', 1.5, 60, 120],
  ['congestion', 2, 90, 180],
  ['telemetryGap', 1, 30, 75],
  ['slowDegradation', 1, 300, 700],
  ['regionalPowerCut', 0.7, 40, 100],
  ['coreDegradation', 0.4, 30, 60],
  ['softwareRelease', 0.4, 90, 180],
];

/** When the plan begins and how soon its first fault comes. */
export interface PlanOptions {
  readonly seed: number;
  /** network time of the very first start; the same after a restart */
  readonly fromMs: number;
  /** from there to the first fault */
  readonly firstAfterMs: number;
}

function drawKind(random: Random): (typeof MIX)[number] {
  const total = MIX.reduce((sum, [, weight]) => sum + weight, 0);
  let left = random.next() * total;
  for (const each of MIX) {
    left -= each[1];
    if (left < 0) return each;
  }
  return ['sitePower', 1, 40, 120];
}

/** The fibre over which the wanted number of subscribers live, as nearly as there is one. */
function fibreFor(world: World, wanted: number): string | undefined {
  const { network, people } = world;
  const homes = new Float64Array(network.cells.length);
  for (const cell of people.home) homes[cell] = (homes[cell] ?? 0) + 1;
  const size = (sites: readonly number[]): number =>
    cellsOfSites(network, sites).reduce((sum, cell) => sum + (homes[cell] ?? 0), 0);
  const miss = (sites: readonly number[]): number => Math.abs(size(sites) - wanted);
  return [...network.fibres]
    .filter(({ sites }) => sites.length >= 3)
    .sort((a, b) => miss(a.sites) - miss(b.sites))[0]?.id;
}

/**
 * The faults of a demo, without end, worked out as time goes on. A fibre cut comes first, then a
 * mix. The same options give the same plan, so that a restart finds the faults it left.
 */
export class FaultPlan {
  readonly #world: World;
  readonly #options: PlanOptions;
  readonly #random: Random;
  #faults: Fault[] = [];
  #effects: CellEffect[] = [];
  #count = 0;
  #nextMs: number;

  constructor(world: World, options: PlanOptions) {
    this.#world = world;
    this.#options = options;
    this.#random = new Random(options.seed, 'fault-plan');
    this.#nextMs = options.fromMs + options.firstAfterMs;
  }

  /** Works out every fault that begins before `untilMs`. Time only moves forward. */
  extend(untilMs: number): void {
    let isChanged = false;
    while (this.#nextMs < untilMs) {
      this.#faults.push(this.#plan());
      isChanged = true;
    }
    const kept = this.#faults.filter(
      ({ spec }) => spec.fromMs + spec.durationMs > untilMs - KEEP_MS,
    );
    if (!isChanged && kept.length === this.#faults.length) return;
    this.#faults = kept;
    this.#effects = kept.flatMap(({ effects }) => effects);
  }

  /** Faults known now, in order of their beginning. */
  get faults(): readonly Fault[] {
    return this.#faults;
  }

  get effects(): readonly CellEffect[] {
    return this.#effects;
  }

  #plan(): Fault {
    const random = this.#random;
    const number = ++this.#count;
    const [kind, , least, greatest] = drawKind(random);
    const drawn = Math.round(random.between(least, greatest)) * MINUTE;
    const gapMs = Math.round(random.between(35, 110)) * MINUTE;
    const where = number === 1 ? fibreFor(this.#world, 1_500) : undefined;
    const spec: FaultSpec =
      where === undefined
        ? { kind, fromMs: this.#nextMs, durationMs: drawn }
        : { kind: 'transportCut', fromMs: this.#nextMs, durationMs: 70 * MINUTE, where };
    this.#nextMs += where === undefined ? gapMs : 70 * MINUTE + gapMs;
    const id = `D${this.#options.fromMs / MINUTE}-${number}`;
    return buildFault(this.#world.network, this.#options.seed, id, spec);
  }
}
