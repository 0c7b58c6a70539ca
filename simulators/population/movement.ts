import { mix3, Random } from '../random.js';
import { localMoment, PERIOD_MS } from '../telemetry/calendar.js';
import type { Network } from '../world/types.js';
import { canUse } from './devices.js';
import { planDay } from './lives.js';
import type { Places } from './places.js';
import type { Population } from './population.js';
import { HEARD, normalOf, type Reception, steered } from './radio.js';

/** Changes of place kept of a day: more are passed over. */
const MOST_STOPS = 28;
/** How much what is heard at one place changes from hour to hour, dB. */
const FADING_DB = 3;
const HOUR_MS = 3_600_000;

function fading(hour: number, cell: number): number {
  return FADING_DB * normalOf(mix3(hour, cell, 3));
}

/**
 * Who is truly where when, and which cell a phone there would be on. Every day of every person is
 * drawn on its own, so any moment can be asked for in any order; the last day asked of each person
 * is kept.
 */
export class Movement {
  readonly places: Places;
  readonly #network: Network;
  readonly #people: Population;
  readonly #seed: number;
  readonly #random: Random;
  readonly #day: Int32Array;
  readonly #quarters: Uint8Array;
  readonly #stops: Int32Array;
  /** cells of the last even and the last odd quarter hour that were asked for */
  readonly #askedAt: Float64Array;
  readonly #cell: Int32Array;

  constructor(network: Network, people: Population, places: Places, seed: number) {
    this.#network = network;
    this.#people = people;
    this.places = places;
    this.#seed = seed;
    this.#random = new Random(seed, 'days');
    this.#day = new Int32Array(people.size).fill(-1);
    this.#quarters = new Uint8Array(people.size * MOST_STOPS);
    this.#stops = new Int32Array(people.size * MOST_STOPS);
    this.#askedAt = new Float64Array(people.size * 2).fill(-1);
    this.#cell = new Int32Array(people.size * 2);
  }

  /** The place where a subscriber is; resolution is a quarter hour. */
  placeAt(subscriber: number, ms: number): number {
    const moment = localMoment(ms, this.#network.zone);
    if (this.#day[subscriber] !== moment.day) this.#plan(subscriber, ms);
    let place = this.#stops[subscriber * MOST_STOPS] ?? 0;
    for (let n = subscriber * MOST_STOPS + 1; n < (subscriber + 1) * MOST_STOPS; n++) {
      const from = this.#quarters[n] ?? 255;
      if (from > moment.quarter) break;
      place = this.#stops[n] ?? place;
    }
    return place;
  }

  /** The cell that would serve a subscriber then if all were well. */
  cellAt(subscriber: number, ms: number): number {
    const quarter = Math.floor(ms / PERIOD_MS);
    const memo = 2 * subscriber + (quarter & 1);
    if (this.#askedAt[memo] === quarter) return this.#cell[memo] ?? 0;
    const cell = this.#bestCell(subscriber, ms);
    this.#askedAt[memo] = quarter;
    this.#cell[memo] = cell;
    return cell;
  }

  /** The first of `receptionAt`, without the list. */
  #bestCell(subscriber: number, ms: number): number {
    const place = this.placeAt(subscriber, ms);
    const hour = mix3(this.#seed, subscriber, Math.floor(ms / HOUR_MS));
    const mask = this.#people.device[subscriber] ?? 0;
    let best = -1;
    let most = Number.NEGATIVE_INFINITY;
    for (let n = 0; n < HEARD; n++) {
      const cell = this.places.cellAt(place, n);
      if (cell < 0) break;
      const layer = this.#network.cells[cell]?.layer ?? 'L800';
      if (!canUse(mask, layer)) continue;
      const rank = steered(layer, this.places.marginAt(place, n) + fading(hour, cell));
      if (rank < most || (rank === most && cell > best)) continue;
      most = rank;
      best = cell;
    }
    return best < 0 ? this.places.cellAt(place, 0) : best;
  }

  /** Cells that a subscriber's device can hear and use then, the one it would be on first. */
  receptionAt(subscriber: number, ms: number): Reception {
    const { cells, margins } = this.places.heardAt(this.placeAt(subscriber, ms));
    const hour = mix3(this.#seed, subscriber, Math.floor(ms / HOUR_MS));
    const mask = this.#people.device[subscriber] ?? 0;
    const usable = cells.flatMap((cell, n) => {
      const layer = this.#network.cells[cell]?.layer ?? 'L800';
      if (!canUse(mask, layer)) return [];
      const margin = (margins[n] ?? 0) + fading(hour, cell);
      return [{ cell, margin, rank: steered(layer, margin) }];
    });
    usable.sort((a, b) => b.rank - a.rank || a.cell - b.cell);
    if (usable.length === 0) return { cells: cells.slice(0, 1), margins: margins.slice(0, 1) };
    return { cells: usable.map(({ cell }) => cell), margins: usable.map(({ margin }) => margin) };
  }

  #plan(subscriber: number, ms: number): void {
    const moment = localMoment(ms, this.#network.zone);
    this.#random.reseed(this.#seed, subscriber, moment.day);
    const habits = this.#people.habitsOf(subscriber);
    const day = { subscriber, habits, moment, random: this.#random };
    const stops = planDay(this.places, day).slice(0, MOST_STOPS);
    const first = subscriber * MOST_STOPS;
    this.#quarters.fill(255, first, first + MOST_STOPS);
    stops.forEach(({ quarter, place }, n) => {
      this.#quarters[first + n] = quarter;
      this.#stops[first + n] = place;
    });
    this.#day[subscriber] = moment.day;
  }
}
