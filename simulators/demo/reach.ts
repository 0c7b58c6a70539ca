import { subscriberOf } from '../population/identities.js';
import type { ServiceTruth } from '../population/service.js';
import type { World } from '../world.js';

/** Whether a phone can get a text at that network time; a number of nobody always can. */
export function isInReach(world: World, service: ServiceTruth, to: string, atMs: number): boolean {
  const subscriber = subscriberOf(to);
  if (subscriber < 0 || subscriber >= world.people.size) return true;
  return service.lossAt(subscriber, atMs).service !== 'none';
}
