import type { CellEffect } from '../faults/conditions.js';
import { mix3 } from '../random.js';
import type { Network } from '../world/types.js';

/** Share lost of each service, in [0,1]. */
export interface ServiceShares {
  readonly voice: number;
  readonly data: number;
  readonly sms: number;
}

/** What a subscriber has at a moment. `degree` is the share of service lost, in [0,1]. */
export interface ServiceLoss {
  readonly service: 'full' | 'degraded' | 'none';
  readonly degree: number;
  readonly lost: ServiceShares;
}

const FULL: ServiceLoss = { service: 'full', degree: 0, lost: { voice: 0, data: 0, sms: 0 } };
const GONE: ServiceLoss = { service: 'none', degree: 1, lost: { voice: 1, data: 1, sms: 1 } };
/** On a neighbour's edge: slow, calls now and then cut, texts come. */
const CAUGHT: ServiceLoss = {
  service: 'degraded',
  degree: 0.3,
  lost: { voice: 0.15, data: 0.45, sms: 0 },
};

/** How far an effect has grown by then, in [0,1]. */
function grownBy(effect: CellEffect, atMs: number): number {
  return effect.rampMs ? Math.min(1, (atMs - effect.fromMs) / effect.rampMs) : 1;
}

/** Share of service one effect takes from those who use the cell, in [0,1]. */
function degreeOf(effect: CellEffect, atMs: number): number {
  if (effect.isOut === true || effect.isAsleep === true) return 1;
  const failing = (effect.rrcFailure ?? 0) + (effect.erabFailure ?? 0) + 2 * (effect.dropRate ?? 0);
  return Math.min(0.85, (failing + slownessOf(effect)) * grownBy(effect, atMs));
}

function slownessOf(effect: CellEffect): number {
  const slow = 0.5 * (1 - (effect.throughputFactor ?? 1));
  const crowded = 0.5 * (1 - 1 / Math.max(1, effect.demandFactor ?? 1));
  return slow + crowded;
}

/**
 * Share of each service that one effect takes: who cannot get on has nothing, bearers carry calls
 * and data, dropped calls hurt most, a slow cell hurts data only; a text is tried again and comes.
 */
function sharesOf(effect: CellEffect, atMs: number): ServiceShares {
  if (effect.isOut === true || effect.isAsleep === true) return GONE.lost;
  const grown = grownBy(effect, atMs);
  const connect = effect.rrcFailure ?? 0;
  const bearer = connect + (effect.erabFailure ?? 0);
  const drops = effect.dropRate ?? 0;
  return {
    voice: Math.min(0.9, (bearer + 2 * drops) * grown),
    data: Math.min(0.9, (bearer + drops + 2 * slownessOf(effect)) * grown),
    sms: Math.min(0.5, 0.5 * connect * grown),
  };
}

/** How well cells serve at a moment: the truth that calls, coverage and impact are judged by. */
export class ServiceTruth {
  readonly #network: Network;
  readonly #seed: number;
  readonly #effects: () => readonly CellEffect[];
  #atMs = Number.NaN;
  #known = -1;
  readonly #degree: Float64Array;
  #isAnyLost = false;

  constructor(network: Network, seed: number, effects: () => readonly CellEffect[]) {
    this.#network = network;
    this.#seed = seed;
    this.#effects = effects;
    this.#degree = new Float64Array(network.cells.length);
  }

  /** Whether any cell is short of anything: lets callers skip the population. */
  isAnyLost(atMs: number): boolean {
    this.#compute(atMs);
    return this.#isAnyLost;
  }

  /** Share of service lost in a cell, in [0,1]; 1 is out. */
  cellLoss(cell: number, atMs: number): number {
    this.#compute(atMs);
    return this.#degree[cell] ?? 0;
  }

  /**
   * What a subscriber whose phone would use that cell has. Neighbours in service catch some of
   * those whose cell is gone, more the more they overlap; who is caught stays so.
   */
  lossAt(subscriber: number, cell: number, atMs: number): ServiceLoss {
    const degree = this.cellLoss(cell, atMs);
    if (degree < 0.05) return FULL;
    if (degree < 0.9) return { service: 'degraded', degree, lost: this.#sharesAt(cell, atMs) };
    return this.#isCaught(subscriber, cell) ? CAUGHT : GONE;
  }

  /** Shares of each service lost in a cell that is not out: those of its worst effect. */
  #sharesAt(cell: number, atMs: number): ServiceShares {
    let worst: CellEffect | undefined;
    let most = 0;
    for (const effect of this.#effects()) {
      if (effect.fromMs > atMs || effect.toMs <= atMs || !effect.cells.includes(cell)) continue;
      const degree = degreeOf(effect, atMs);
      if (degree > most) {
        most = degree;
        worst = effect;
      }
    }
    return worst === undefined ? FULL.lost : sharesOf(worst, atMs);
  }

  /** The cell a phone really is on: its own, a neighbour that caught it, or -1 for none. */
  servingCell(subscriber: number, cell: number, atMs: number): number {
    if (this.cellLoss(cell, atMs) < 0.9) return cell;
    if (!this.#isCaught(subscriber, cell)) return -1;
    const open = this.#network.cells[cell]?.neighbours.find(
      ({ cell: other }) => (this.#degree[other] ?? 0) < 0.9,
    );
    return open?.cell ?? -1;
  }

  #isCaught(subscriber: number, cell: number): boolean {
    const overlap = (this.#network.cells[cell]?.neighbours ?? []).reduce(
      (sum, { cell: other, weight }) => sum + weight * (1 - (this.#degree[other] ?? 0)),
      0,
    );
    const caught = 0.55 * (1 - Math.exp(-0.9 * overlap));
    return mix3(this.#seed, subscriber, cell) / 4294967296 < caught;
  }

  #compute(atMs: number): void {
    const effects = this.#effects();
    if (atMs === this.#atMs && effects.length === this.#known) return;
    this.#atMs = atMs;
    this.#known = effects.length;
    this.#isAnyLost = false;
    this.#degree.fill(0);
    for (const effect of effects) {
      if (effect.fromMs > atMs || effect.toMs <= atMs) continue;
      const degree = degreeOf(effect, atMs);
      if (degree > 0) this.#isAnyLost = true;
      for (const cell of effect.cells) {
        this.#degree[cell] = Math.max(this.#degree[cell] ?? 0, degree);
      }
    }
  }
}
