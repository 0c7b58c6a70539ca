/** Where network time comes from. Stages get it as an argument, never by asking. */
export interface Clock {
  now(): number;
}

/** The machine's clock: leases, sign-in, gateway validity; network time outside a demo. */
export const wallClock: Clock = { now: () => Date.now() };

/**
 * Network time of a demo in the process that feeds it: `speed` times as fast as the wall clock, but
 * never beyond `limit`. Time spent at the limit is not made up for, so a machine that is too slow
 * makes network time slow instead of reports late.
 */
export function pacedClock(
  networkStartMs: number,
  speed: number,
  limit: () => number,
  wall: Clock = wallClock,
): Clock {
  let networkMs = networkStartMs;
  let wallMs = wall.now();
  return {
    now() {
      const nowMs = wall.now();
      const ahead = networkMs + Math.max(0, nowMs - wallMs) * speed;
      networkMs = Math.max(networkMs, Math.min(ahead, limit()));
      wallMs = nowMs;
      return networkMs;
    },
  };
}

/** A clock that goes by what another process says of its network time. */
export class FollowingClock implements Clock {
  readonly #speed: number;
  readonly #wall: Clock;
  #saidMs: number;
  #limitMs: number;
  #heardAtMs: number;

  /** Stands at `networkStartMs` until the first word. */
  constructor(networkStartMs: number, speed: number, wall: Clock = wallClock) {
    this.#speed = speed;
    this.#wall = wall;
    this.#saidMs = networkStartMs;
    this.#limitMs = networkStartMs;
    this.#heardAtMs = wall.now();
  }

  /** @param limitMs network time beyond which there is no word yet that all has come in */
  heard(nowMs: number, limitMs: number): void {
    this.#saidMs = nowMs;
    this.#limitMs = Math.max(this.#limitMs, limitMs);
    this.#heardAtMs = this.#wall.now();
  }

  now(): number {
    const sinceMs = Math.max(0, this.#wall.now() - this.#heardAtMs);
    return Math.min(this.#saidMs + sinceMs * this.#speed, this.#limitMs);
  }
}
