import { type CellEffect, Conditions } from '../faults/conditions.js';
import { Random } from '../random.js';
import { busyCapacity } from '../world/build-cells.js';
import type { Network, SimCell } from '../world/types.js';
import { localMoment, PERIOD_MS } from './calendar.js';
import { type PeriodCounters, WIDTH } from './counters.js';
import { latticeNoise } from './lattice-noise.js';
import { isSmallCellAsleep, PROFILES } from './profiles.js';

/** What the generator needs besides the network. */
export interface GeneratorOptions {
  readonly seed: number;
  /** asked for every period; may grow while time goes on */
  readonly effects: () => readonly CellEffect[];
  /** multiplies every spread; default 1 */
  readonly noise?: number;
}

/** Share of a lost cell's demand that finds another cell. */
const ABSORBED = 0.6;

const round = (value: number, steps: number): number => Math.round(value * steps) / steps;

/**
 * Counters of every cell for any period, each computed alone from seed, network and effects: no
 * history is kept, so a period comes out the same whenever and in whatever order it is asked for.
 */
export class TelemetryGenerator {
  readonly #network: Network;
  readonly #options: GeneratorOptions;
  readonly #noise: number;
  readonly #conditions: Conditions;
  readonly #demand: Float64Array;
  readonly #taken: Float64Array;
  readonly #counters: Float64Array;
  readonly #random = new Random(0);

  constructor(network: Network, options: GeneratorOptions) {
    const cells = network.cells.length;
    this.#network = network;
    this.#options = options;
    this.#noise = options.noise ?? 1;
    this.#conditions = new Conditions(cells);
    this.#demand = new Float64Array(cells);
    this.#taken = new Float64Array(cells);
    this.#counters = new Float64Array(cells * WIDTH);
  }

  /** @param periodStartMs a whole quarter hour */
  period(periodStartMs: number): PeriodCounters {
    const conditions = this.#conditions;
    conditions.compute(this.#options.effects(), periodStartMs, periodStartMs + PERIOD_MS);
    this.#computeDemand(periodStartMs);
    this.#passOn();
    const number = periodStartMs / PERIOD_MS;
    for (const cell of this.#network.cells) {
      if (conditions.missing[cell.index] === 1) continue;
      this.#random.reseed(this.#options.seed, number, cell.index);
      this.#report(cell);
    }
    return { periodStartMs, counters: this.#counters, missing: conditions.missing };
  }

  #computeDemand(periodStartMs: number): void {
    const { seed } = this.#options;
    const moment = localMoment(periodStartMs, this.#network.zone);
    const number = Math.round(periodStartMs / PERIOD_MS);
    const weather = 0.03 * latticeNoise(seed, -1, number, 16);
    for (const cell of this.#network.cells) {
      const shape = PROFILES[cell.profile][moment.dayKind][moment.quarter] ?? 0;
      const asleep = cell.layer === 'small' && isSmallCellAsleep(moment.quarter);
      const season = cell.coastal ? 1 + 0.45 * moment.summer : 1 - 0.05 * moment.summer;
      const drift =
        weather +
        0.05 * latticeNoise(seed, cell.index * 2, moment.day, 1) +
        0.07 * latticeNoise(seed, cell.index * 2 + 1, number, 6);
      const wanted = asleep ? 0 : cell.busyUsers * shape * season * Math.exp(drift * this.#noise);
      this.#demand[cell.index] = wanted * (this.#conditions.demandFactor[cell.index] ?? 1);
    }
  }

  /** Cells in service take over part of what those out of service lose. */
  #passOn(): void {
    const { out, asleep } = this.#conditions;
    this.#taken.fill(0);
    for (const cell of this.#network.cells) {
      const lost = Math.max(out[cell.index] ?? 0, asleep[cell.index] ?? 0);
      if (lost === 0) continue;
      const moving = (this.#demand[cell.index] ?? 0) * lost * ABSORBED;
      const open = cell.neighbours.map(({ cell: other, weight }) => {
        const gone = Math.max(out[other] ?? 0, asleep[other] ?? 0);
        return weight * (1 - gone);
      });
      const total = Math.max(
        0.5,
        open.reduce((sum, weight) => sum + weight, 0),
      );
      cell.neighbours.forEach(({ cell: other }, at) => {
        this.#taken[other] = (this.#taken[other] ?? 0) + (moving * (open[at] ?? 0)) / total;
      });
    }
  }

  #report(cell: SimCell): void {
    const { index } = cell;
    const { out, asleep } = this.#conditions;
    const outShare = out[index] ?? 0;
    const served = (1 - outShare) * (1 - (asleep[index] ?? 0));
    const mean = ((this.#demand[index] ?? 0) + (this.#taken[index] ?? 0)) * served;
    const at = index * WIDTH;
    this.#counters[at] = round((1 - outShare) * this.#glitch(), 1e4) * 100;
    const users = this.#users(mean);
    const load = this.#traffic(cell, users, at);
    this.#signalling(cell, mean, load, at);
  }

  /** Now and then a cell restarts for seconds. */
  #glitch(): number {
    const random = this.#random;
    return random.chance(5e-5 * this.#noise) ? 1 - 0.02 * random.next() : 1;
  }

  #users(mean: number): number {
    if (mean <= 0) return 0;
    const spread = Math.sqrt(mean / 8 + (0.03 * mean) ** 2) * this.#noise;
    return round(Math.max(0, mean + spread * this.#random.normal()), 10);
  }

  /** Volume, resource use and throughput. @returns resource use, in [0,1] */
  #traffic(cell: SimCell, users: number, at: number): number {
    const random = this.#random;
    const counters = this.#counters;
    const capacity = busyCapacity(cell.peakMbps);
    const asked = users * cell.megabytesPerUser * Math.exp(0.12 * this.#noise * random.normal());
    const volume = round(Math.min(asked, capacity * 1.25), 10);
    const idle = 0.03 + 0.005 * random.next();
    const use = idle + (0.985 - idle) * (1 - Math.exp((-1.25 * asked) / capacity));
    const factor = this.#conditions.throughputFactor[cell.index] ?? 1;
    const spread = Math.exp(0.07 * this.#noise * random.normal());
    const speed = cell.peakMbps * 0.62 * (1 - 0.85 * use) * factor * spread;
    counters[at + 7] = users > 0 ? round(speed, 100) : Number.NaN;
    counters[at + 8] = round(Math.min(1, use + 0.01 * (1 - factor)) * 100, 10);
    counters[at + 9] = users;
    counters[at + 10] = volume;
    return use;
  }

  #signalling(cell: SimCell, mean: number, load: number, at: number): void {
    const { rrcFailure, erabFailure, dropRate } = this.#conditions;
    const random = this.#random;
    const counters = this.#counters;
    const crowd = Math.max(0, load - 0.92) * 1.2;
    const wander = Math.exp(0.25 * this.#noise * random.normal());
    const rrcAttempts = random.negativeBinomial(mean * 16, 60);
    const rrcLoss = cell.rrcFailure * wander + crowd + (rrcFailure[cell.index] ?? 0);
    const rrcSuccesses = rrcAttempts - random.binomial(rrcAttempts, Math.min(1, rrcLoss));
    const erabAttempts = rrcSuccesses + random.poisson(rrcSuccesses * 0.4);
    const erabLoss = cell.erabFailure * wander + crowd / 2 + (erabFailure[cell.index] ?? 0);
    const erabSuccesses = erabAttempts - random.binomial(erabAttempts, Math.min(1, erabLoss));
    const dropping = cell.dropRate * wander + crowd / 4 + (dropRate[cell.index] ?? 0);
    counters[at + 1] = rrcAttempts;
    counters[at + 2] = rrcSuccesses;
    counters[at + 3] = erabAttempts;
    counters[at + 4] = erabSuccesses;
    counters[at + 5] = erabSuccesses;
    counters[at + 6] = random.binomial(erabSuccesses, Math.min(1, dropping));
  }
}
