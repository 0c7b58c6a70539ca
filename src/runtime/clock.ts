/** Where network time comes from. Stages get it as an argument, never by asking. */
export interface Clock {
  now(): number;
}

/** The machine's clock: leases, sign-in, gateway validity; network time outside a demo. */
export const wallClock: Clock = { now: () => Date.now() };

/**
 * Network time that runs `speed` times as fast as the wall clock from a given moment on.
 * @param networkStartMs network time at `wallStartMs`
 * @param speed at least 1
 */
export function scaledClock(
  networkStartMs: number,
  wallStartMs: number,
  speed: number,
  wall: Clock = wallClock,
): Clock {
  return { now: () => networkStartMs + (wall.now() - wallStartMs) * speed };
}
