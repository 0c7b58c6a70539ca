import type { CountInterval } from '../../src/domain/count-interval.js';
import { mix3, Random, textHash } from '../random.js';
import { PERIOD_MS } from '../telemetry/calendar.js';
import { latticeNoise } from '../telemetry/lattice-noise.js';
import type { World } from '../world.js';
import { ordinaryMean, QUEUES } from './ordinary.js';

/** Complaints for each ordinary call. */
const PER_CALL = 0.6;
/** Size of the negative binomial: variance is mean + mean² / SIZE. */
const SIZE = 14;

interface Area {
  readonly town: string;
  readonly share: number;
  readonly hash: number;
}

/**
 * Complaints by town and quarter hour, as an application or a web form would count them: an ordinary
 * course of the week, towns busier or quieter than usual by the day, over-dispersed counts, and those
 * who complain since they have lost their service.
 */
export class AreaComplaints {
  readonly #world: World;
  readonly #seed: number;
  readonly #areas: readonly Area[];

  constructor(world: World, seed: number) {
    this.#world = world;
    this.#seed = seed;
    const people = new Map<string, number>();
    for (let i = 0; i < world.people.size; i++) {
      const town = this.#townOf(i);
      people.set(town, (people.get(town) ?? 0) + 1);
    }
    this.#areas = [...people].map(([town, count]) => {
      return { town, share: count / world.people.size, hash: textHash(town) };
    });
  }

  /** @param callers subscribers who call about an incident in this quarter hour */
  interval(startMs: number, callers: readonly number[]): CountInterval[] {
    const about = new Map<string, number>();
    for (const caller of callers) {
      const town = this.#townOf(caller);
      about.set(town, (about.get(town) ?? 0) + 1);
    }
    const mean = this.#ordinaryMean(startMs);
    const start = new Date(startMs).toISOString();
    return this.#areas.map(({ town, share, hash }) => {
      const random = new Random(this.#seed, mix3(startMs / PERIOD_MS, hash, 31));
      const day = Math.floor(startMs / 86_400_000);
      const busy = Math.exp(0.08 * latticeNoise(this.#seed, hash, day, 3));
      const ordinary = random.negativeBinomial(mean * share * busy, SIZE);
      const count = ordinary + (about.get(town) ?? 0);
      return { name: 'complaints', area: town, start, intervalSeconds: PERIOD_MS / 1000, count };
    });
  }

  #ordinaryMean(startMs: number): number {
    const { network, people } = this.#world;
    return QUEUES.reduce(
      (sum, queue) =>
        sum + PER_CALL * ordinaryMean(this.#seed, queue, people.size, startMs, network.zone),
      0,
    );
  }

  #townOf(subscriber: number): string {
    const { network, people } = this.#world;
    const site = network.cells[people.home[subscriber] ?? 0]?.site ?? 0;
    return network.sites[site]?.town.name ?? '';
  }
}
