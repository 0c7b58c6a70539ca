import { TocsinError } from '../src/domain/errors.js';
import { createNetwork, type NetworkOptions } from './network.js';
import { MAX_SUBSCRIBERS } from './population/identities.js';
import { Movement } from './population/movement.js';
import { Places } from './population/places.js';
import { createPopulation, type Population } from './population/population.js';
import type { Network } from './world/types.js';

/** Size of a world; the same options give the same world. */
export interface WorldOptions extends NetworkOptions {
  /** default 100,000, at most 1,000,000 */
  readonly subscribers?: number;
}

/** A network, those who use it, and where they are. */
export interface World {
  readonly seed: number;
  readonly network: Network;
  readonly people: Population;
  readonly movement: Movement;
}

/**
 * Builds the world: towns of Bretagne, sites, cells, what they hang on, subscribers.
 * @throws TocsinError `input.option` when there are more subscribers than numbers
 */
export function createWorld(options: WorldOptions): World {
  const { seed } = options;
  const subscribers = options.subscribers ?? 100_000;
  if (!(Number.isInteger(subscribers) && subscribers > 0 && subscribers <= MAX_SUBSCRIBERS)) {
    const allowed = `a whole number from 1 to ${MAX_SUBSCRIBERS}`;
    throw new TocsinError('input.option', `subscribers was ${subscribers}, allowed: ${allowed}`);
  }
  const network = createNetwork(options);
  const places = new Places(network, seed, subscribers);
  const people = createPopulation(network, seed, subscribers, places);
  return { seed, network, people, movement: new Movement(network, people, places, seed) };
}
