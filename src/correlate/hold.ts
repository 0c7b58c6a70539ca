import { isServiceAffecting } from './alarm-book.js';
import type { Explained } from './explain-world.js';
import type { World } from './world.js';

/** Nats by counters, which come minutes later anyway, from which there is nothing to wait for. */
const ENOUGH_MEASURED = 10;

interface Latest {
  readonly atMs: number;
  readonly of: Explained;
  /** latest alarm of any other explanation */
  readonly othersMs: number;
}

/**
 * How long a new incident that only alarms speak for is held back, so that the alarms of one failure
 * are one incident and not several that merge a moment later. Each alarm of it, or of something that
 * has a resource in common with it, starts the wait anew; once the cause has an alarm of its own,
 * what comes in under it is no reason to wait.
 */
export class AlarmHold {
  readonly #world: World;
  readonly #explained: readonly Explained[];
  /** resource → latest service-affecting alarm on anything that depends on it */
  #latestUnder: Map<number, Latest> | undefined;

  constructor(world: World, explained: readonly Explained[]) {
    this.#world = world;
    this.#explained = explained;
  }

  /** @returns epoch ms until which it is held; -Infinity when counters speak for it too */
  until(explained: Explained): number {
    const { holdSeconds, longestHoldSeconds } = this.#world.rules.alarms;
    let firstMs = Number.POSITIVE_INFINITY;
    let lastMs = Number.NEGATIVE_INFINITY;
    let measured = 0;
    for (const { isMeasured, isUndecided, nats, alarms } of explained.findings) {
      if (isUndecided) return Number.NEGATIVE_INFINITY;
      if (isMeasured) measured += nats;
      for (const { raisedAtMs } of alarms) {
        firstMs = Math.min(firstMs, raisedAtMs);
        lastMs = Math.max(lastMs, raisedAtMs);
      }
    }
    if (measured >= ENOUGH_MEASURED || !Number.isFinite(firstMs)) return Number.NEGATIVE_INFINITY;
    const cause = explained.causes[0]?.resource ?? -1;
    const hasOwn = explained.findings.some((each) => each.resource === cause && each.opensAlone);
    const waitedFor = Math.max(hasOwn ? firstMs : lastMs, this.#latestRelated(explained, cause));
    return Math.min(firstMs + longestHoldSeconds * 1000, waitedFor + holdSeconds * 1000);
  }

  #latestRelated(explained: Explained, cause: number): number {
    this.#latestUnder ??= this.#index();
    let latestMs = Number.NEGATIVE_INFINITY;
    for (const resource of cause < 0 ? [] : this.#world.space.ancestorsOf(cause)) {
      const latest = this.#latestUnder.get(resource);
      if (latest === undefined) continue;
      latestMs = Math.max(latestMs, latest.of === explained ? latest.othersMs : latest.atMs);
    }
    return latestMs;
  }

  #index(): Map<number, Latest> {
    const { space } = this.#world;
    const index = new Map<number, Latest>();
    const add = (resource: number, atMs: number, of: Explained): void => {
      const known = index.get(resource) ?? { atMs, of, othersMs: Number.NEGATIVE_INFINITY };
      if (known.of === of) index.set(resource, { ...known, atMs: Math.max(atMs, known.atMs) });
      else if (atMs > known.atMs) index.set(resource, { atMs, of, othersMs: known.atMs });
      else index.set(resource, { ...known, othersMs: Math.max(atMs, known.othersMs) });
    };
    for (const explained of this.#explained) {
      for (const { resource, alarms } of explained.findings) {
        for (const alarm of alarms) {
          if (!isServiceAffecting(alarm)) continue;
          for (const above of [resource, ...space.ancestorsOf(resource)])
            if (space.typeOf(above) !== 'software') add(above, alarm.raisedAtMs, explained);
        }
      }
    }
    return index;
  }
}
