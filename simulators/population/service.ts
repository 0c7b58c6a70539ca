import type { CellEffect } from '../faults/conditions.js';
import type { World } from '../world.js';
import type { Reception } from './radio.js';

/** Share lost of each service, in [0,1]. */
export interface ServiceShares {
  readonly voice: number;
  readonly data: number;
  readonly sms: number;
}

/** Below this share lost nobody notices; from the other on a cell serves nobody. */
const NOTICEABLE = 0.05;
const OUT = 0.9;

/** What a subscriber has at a moment. `degree` is the share of service lost, in [0,1]. */
export interface ServiceLoss {
  readonly service: 'full' | 'degraded' | 'none';
  readonly degree: number;
  readonly lost: ServiceShares;
}

const FULL: ServiceLoss = { service: 'full', degree: 0, lost: { voice: 0, data: 0, sms: 0 } };
const GONE: ServiceLoss = { service: 'none', degree: 1, lost: { voice: 1, data: 1, sms: 1 } };
/** Share of data that whoever is caught by another cell loses at least: others were caught too. */
const CROWDING = 0.12;
/** Bits a second that a margin brings are proportional to this (Shannon, up to 30 dB of use). */
function rateAt(margin: number): number {
  return Math.log2(1 + 10 ** ((Math.min(30, margin) - 5) / 10));
}

/** What a phone loses that fell back from one cell to a weaker one: by how weak it is there. */
function caughtLoss(before: number, after: number): ServiceLoss {
  const slower = 1 - Math.min(1, rateAt(after) / rateAt(before));
  const lost = {
    voice: Math.min(0.6, Math.max(0, (6 - after) / 10)),
    data: 1 - (1 - CROWDING) * (1 - slower),
    sms: Math.min(0.3, Math.max(0, (2 - after) / 10)),
  };
  return { service: 'degraded', degree: Math.max(lost.voice, lost.data), lost };
}

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

/** Where people are and what they can hear there. */
type Seen = Pick<World, 'network' | 'movement'>;

/** How well cells serve at a moment: the truth that calls, coverage and impact are judged by. */
export class ServiceTruth {
  readonly #world: Seen;
  readonly #effects: () => readonly CellEffect[];
  #atMs = Number.NaN;
  #known = -1;
  readonly #degree: Float64Array;
  #isAnyLost = false;

  constructor(world: Seen, effects: () => readonly CellEffect[]) {
    this.#world = world;
    this.#effects = effects;
    this.#degree = new Float64Array(world.network.cells.length);
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

  /** Share of each service lost by those whom a cell serves, in [0,1]. */
  cellShares(cell: number, atMs: number): ServiceShares {
    const degree = this.cellLoss(cell, atMs);
    if (degree < NOTICEABLE) return FULL.lost;
    return degree < OUT ? this.#sharesAt(cell, atMs) : GONE.lost;
  }

  /**
   * What a subscriber has. A phone whose cell is gone falls back on the next one that it hears well
   * enough and can use, if there is one, and has what that one gives so far away.
   */
  lossAt(subscriber: number, atMs: number): ServiceLoss {
    const first = this.#world.movement.cellAt(subscriber, atMs);
    if (this.cellLoss(first, atMs) < NOTICEABLE) return FULL;
    const degree = this.cellLoss(first, atMs);
    if (degree < OUT) return { service: 'degraded', degree, lost: this.#sharesAt(first, atMs) };
    const reception = this.#world.movement.receptionAt(subscriber, atMs);
    const { margins } = reception;
    const next = this.#fallback(reception, atMs);
    return next < 0 ? GONE : caughtLoss(margins[0] ?? 0, margins[next] ?? 0);
  }

  /** The cell a phone really is on: its own, one that caught it, or -1 for none. */
  servingCell(subscriber: number, atMs: number): number {
    const first = this.#world.movement.cellAt(subscriber, atMs);
    if (this.cellLoss(first, atMs) < OUT) return first;
    const reception = this.#world.movement.receptionAt(subscriber, atMs);
    return reception.cells[this.#fallback(reception, atMs)] ?? -1;
  }

  /** Where in the list the best cell in service is; -1 where none is heard well enough. */
  #fallback({ cells, margins }: Reception, atMs: number): number {
    return cells.findIndex(
      (cell, n) => n > 0 && (margins[n] ?? 0) > 0 && this.cellLoss(cell, atMs) < OUT,
    );
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
