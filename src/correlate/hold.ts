import { isServiceAffecting } from './alarm-book.js';
import type { Explained } from './explain-world.js';
import type { Finding } from './findings.js';
import type { World } from './world.js';

/**
 * How long a new incident that only alarms speak for is held back, so that the alarms of one failure
 * are one incident and not several that merge a moment later.
 */
export class AlarmHold {
  readonly #world: World;
  readonly #failed: readonly Finding[];
  /** resource → latest service-affecting alarm on anything that depends on it */
  #latestUnder: Map<number, number> | undefined;

  constructor(world: World, failed: readonly Finding[]) {
    this.#world = world;
    this.#failed = failed;
  }

  /** @returns epoch ms until which it is held; -Infinity when counters speak for it too */
  until(explained: Explained): number {
    const { holdSeconds, longestHoldSeconds } = this.#world.rules.alarms;
    let firstMs = Number.POSITIVE_INFINITY;
    for (const { isMeasured, isUndecided, knownAtMs, alarms } of explained.findings) {
      if (isMeasured || isUndecided) return Number.NEGATIVE_INFINITY;
      if (alarms.length > 0) firstMs = Math.min(firstMs, knownAtMs);
    }
    const latestMs = this.#latestRelated(explained);
    return Math.min(
      firstMs + longestHoldSeconds * 1000,
      Math.max(firstMs, latestMs) + holdSeconds * 1000,
    );
  }

  #latestRelated(explained: Explained): number {
    this.#latestUnder ??= this.#index();
    const { space } = this.#world;
    const cause = explained.causes[0]?.resource ?? -1;
    const related = cause < 0 ? [] : [cause, ...space.ancestorsOf(cause)];
    let latestMs = Number.NEGATIVE_INFINITY;
    for (const resource of related)
      latestMs = Math.max(latestMs, this.#latestUnder.get(resource) ?? latestMs);
    return latestMs;
  }

  #index(): Map<number, number> {
    const { space } = this.#world;
    const latest = new Map<number, number>();
    for (const { resource, alarms } of this.#failed) {
      for (const alarm of alarms) {
        if (!isServiceAffecting(alarm)) continue;
        for (const above of [resource, ...space.ancestorsOf(resource)]) {
          if (space.typeOf(above) === 'software') continue;
          latest.set(above, Math.max(alarm.raisedAtMs, latest.get(above) ?? alarm.raisedAtMs));
        }
      }
    }
    return latest;
  }
}
