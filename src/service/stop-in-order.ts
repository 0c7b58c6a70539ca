import { settlesWithin } from '../runtime/deadline.js';
import type { Logger } from '../runtime/log.js';

/** A step of stopping, by the name it has in the log. */
export type StopStep = readonly [name: string, stop: () => unknown];

/**
 * Stops one thing after the other; one that fails does not keep the next from being tried.
 * @param mostMs for all together; what hangs then is named in the log and left as it is
 * @returns whether every step has ended well and in time
 */
export async function stopInOrder(
  steps: readonly StopStep[],
  mostMs: number,
  log: Logger,
): Promise<boolean> {
  let current = '';
  let isLate = false;
  let isClean = true;
  const run = async (): Promise<void> => {
    for (const [name, stop] of steps) {
      if (isLate) return;
      current = name;
      try {
        await stop();
      } catch (error) {
        isClean = false;
        log.warn({ err: error, step: name }, 'could not be stopped cleanly');
      }
    }
  };
  const isDone = await settlesWithin(run(), mostMs);
  isLate = !isDone;
  if (isLate) {
    const text = 'stopping took too long: what was in hand is done again at the next start';
    log.error({ step: current, mostMs }, text);
  }
  return isDone && isClean;
}
