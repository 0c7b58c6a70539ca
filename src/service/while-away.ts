import { setTimeout as delay } from 'node:timers/promises';
import { postgresCode } from '../adapters/postgres/pool.js';
import { messageOf, TocsinError } from '../domain/errors.js';
import type { Health } from '../runtime/health.js';
import type { Logger } from '../runtime/log.js';

export interface WhileAwayOptions {
  readonly health: Health;
  readonly log: Logger;
  /** ends the waiting */
  readonly signal: AbortSignal;
  /** waits, or rejects when the signal comes first; default: the process' timers */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 15_000;
const STAND_BY_MS = 1_000;

/**
 * Does a step of starting that needs the database, again and again while it is away, with a growing
 * pause (doubling, capped at 15 s), or while another process has it, every second. Health says
 * `postgres` is down and why; of standing by the step itself says.
 * @param step may be done again after it failed
 * @throws whatever the step throws that waiting cannot mend; an abort error once `signal` is given
 */
export async function onceThere<Result>(
  step: () => Promise<Result>,
  options: WhileAwayOptions,
): Promise<Result> {
  const { health, log, signal, wait = timerWait } = options;
  let isStandingBy = false;
  for (let failures = 1; ; failures++) {
    signal.throwIfAborted();
    try {
      return await step();
    } catch (error) {
      if (isTaken(error)) {
        health.set('postgres', 'up', 'answers');
        if (!isStandingBy) log.warn(error.message);
        isStandingBy = true;
        await wait(STAND_BY_MS, signal);
        continue;
      }
      const isAway = error instanceof TocsinError && error.code === 'unavailable.postgres';
      if (!isAway) throw error;
      health.set('postgres', 'down', messageOf(error), reasonOf(error));
      const retryInMs = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 10));
      log.warn({ failures, retryInMs }, `waiting for the database: ${error.message}`);
      await wait(retryInMs, signal);
    }
  }
}

function isTaken(error: unknown): error is TocsinError {
  return error instanceof TocsinError && error.code === 'lease.lost';
}

const timerWait = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal });

/** A failure of the database in words that hold no address, such as `away: ECONNREFUSED`. */
export function reasonOf(error: unknown): string {
  const code = postgresCode(error);
  const what = error instanceof TocsinError ? 'away' : 'refuses';
  return code === '' ? what : `${what}: ${code}`;
}
