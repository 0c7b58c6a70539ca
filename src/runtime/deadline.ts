import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits for work, but not for ever. The work goes on; whatever comes of it is not heard any more.
 * @returns false when the time is up first; true when it has ended, well or not
 */
export async function settlesWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const ended = work.then(
    () => true,
    () => true,
  );
  // Rejects only when the work was first, and nobody listens then.
  const late = delay(ms, false, { signal: timer.signal }).catch(() => false);
  try {
    return await Promise.race([ended, late]);
  } finally {
    timer.abort();
  }
}
