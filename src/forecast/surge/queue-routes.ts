import type { SurgeRules } from '../rules.js';
import { propensity } from './incident-curve.js';
import type { IncidentLoad } from './incident-load.js';

/** Where an incident's calls go by the rules: shares by queue, the rest has no route. Sums to 1. */
export interface IncidentRoutes {
  readonly queues: ReadonlyMap<string, number>;
  readonly unrouted: number;
}

/** A queue as the sharing out of calls sees it. */
export interface OpenQueue {
  readonly queue: string;
  readonly isOpen: boolean;
  /** ordinary calls of the interval */
  readonly ordinary: number;
}

/** The first route that matches, for each kind of the affected, by how many of them call. */
export function routesOf(load: IncidentLoad, rules: SurgeRules): IncidentRoutes {
  const queues = new Map<string, number>();
  let [total, unrouted] = [0, 0];
  for (const { segment, language, people, degree } of load.people) {
    const callers = people * propensity(rules, segment, degree);
    const service = degree >= 0.5 ? 'none' : 'degraded';
    const route = rules.routes.find(
      (each) =>
        (each.cause?.includes(load.causeKind) ?? true) &&
        (each.segment?.includes(segment) ?? true) &&
        (each.language?.includes(language) ?? true) &&
        (each.service ?? service) === service,
    );
    total += callers;
    if (route) queues.set(route.queue, (queues.get(route.queue) ?? 0) + callers);
    else unrouted += callers;
  }
  if (total === 0) return { queues: new Map(), unrouted: 1 };
  for (const [queue, callers] of queues) queues.set(queue, callers / total);
  return { queues, unrouted: unrouted / total };
}

/**
 * Shares of an incident's calls by queue, in the order given, adding up to 1 unless there is no queue
 * at all: routed calls to their queue when it is open, others to the open queues by their ordinary
 * calls. Where nothing is open, routed calls stay with their queue, others are spread evenly.
 */
export function sharesAt(routes: IncidentRoutes, queues: readonly OpenQueue[]): number[] {
  const stays = !queues.some(({ isOpen }) => isOpen);
  const shares = new Array<number>(queues.length).fill(0);
  let pool = routes.unrouted;
  for (const [name, share] of routes.queues) {
    const at = queues.findIndex((each) => each.queue === name && (stays || each.isOpen));
    if (at >= 0) shares[at] = (shares[at] ?? 0) + share;
    else pool += share;
  }
  let [taking, all] = [0, 0];
  for (const { isOpen, ordinary } of queues) {
    if (!stays && !isOpen) continue;
    taking++;
    all += ordinary;
  }
  for (let at = 0; at < queues.length; at++) {
    const each = queues[at];
    if (!each || !(stays || each.isOpen)) continue;
    shares[at] = (shares[at] ?? 0) + pool * (all > 0 ? each.ordinary / all : 1 / taking);
  }
  return shares;
}
