import { mix3 } from '../random.js';
import { type LocalMoment, localMoment } from '../telemetry/calendar.js';
import type { Network } from '../world/types.js';
import type { Population } from './population.js';

const unit = (hash: number): number => hash / 4294967296;

/** Share of two-hour spells in which a phone is served by the next cell instead of its usual one. */
const ELSEWHERE = 0.12;

/**
 * Who is truly where when. Every day of every person is drawn on its own (when they leave, whether
 * they go out), so any moment can be asked for in any order.
 */
export class Movement {
  readonly #network: Network;
  readonly #people: Population;
  readonly #seed: number;

  constructor(network: Network, people: Population, seed: number) {
    this.#network = network;
    this.#people = people;
    this.#seed = seed;
  }

  /** The cell that serves a subscriber at that time; resolution is a quarter hour. */
  cellAt(subscriber: number, ms: number): number {
    const moment = localMoment(ms, this.#network.zone);
    const place = this.#placeAt(subscriber, moment);
    const spell = mix3(this.#seed, subscriber, moment.day * 12 + (moment.quarter >> 3));
    if (unit(spell) >= ELSEWHERE) return place;
    return this.#network.cells[place]?.neighbours[(spell >>> 3) % 2]?.cell ?? place;
  }

  #placeAt(subscriber: number, moment: LocalMoment): number {
    const people = this.#people;
    const home = people.home[subscriber] ?? 0;
    const work = people.work[subscriber] ?? -1;
    const third = people.third[subscriber] ?? -1;
    const kind = people.kind[subscriber] ?? 0;
    if (third < 0) return home;
    const day = mix3(this.#seed ^ 0x5bd1, subscriber, moment.day);
    const first = (day & 0xff) / 255;
    const second = ((day >>> 8) & 0xff) / 255;
    const goesOut = ((day >>> 16) & 0xff) / 255;
    if (kind === 3) return this.#fleetAt(subscriber, moment, home, work, third);
    const { quarter } = moment;
    if (moment.dayKind === 'weekday') {
      const leaves = 29 + first * 7;
      const returns = 65 + second * 11;
      if (work >= 0 && quarter >= leaves && quarter < returns) return work;
      return goesOut < 0.22 && quarter >= 75 && quarter < 80 + second * 10 ? third : home;
    }
    const leaves = 40 + first * 20;
    return goesOut < 0.45 && quarter >= leaves && quarter < leaves + 8 + second * 16 ? third : home;
  }

  /** Vehicles: another place every two hours of the working day. */
  #fleetAt(
    subscriber: number,
    { day, quarter, dayKind }: LocalMoment,
    ...places: readonly number[]
  ): number {
    const home = places[0] ?? 0;
    if (dayKind === 'sunday' || quarter < 28 || quarter >= 76) return home;
    const place =
      places[mix3(this.#seed, subscriber + 7, day * 12 + (quarter >> 3)) % places.length];
    return place === undefined || place < 0 ? home : place;
  }
}
