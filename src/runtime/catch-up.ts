import { messageOf } from '../domain/errors.js';
import type { Clock } from './clock.js';
import type { Health } from './health.js';

/** A source that may have a backlog to read after a start. */
export interface CatchingUp {
  readonly name: string;
  /** Whether all that waited has been journalled; may reject while the source is away. */
  isCaughtUp(): Promise<boolean>;
  /** any number that changes as long as something is read */
  progress(): number;
}

export interface CatchUpOptions {
  readonly wall: Clock;
  readonly health: Health;
  /** how long a source may read nothing before time goes on without it; default 2 min */
  readonly stallMs?: number;
  /** how long a source that does read may take; default 60 min */
  readonly mostMs?: number;
}

interface Awaited {
  readonly source: CatchingUp;
  sinceMs: number;
  movedAtMs: number;
  progress: number;
  isAsking: boolean;
  trouble: string | undefined;
  /** why it is waited for no longer, though it has not caught up */
  givenUp: string | undefined;
}

const STALL_MS = 120_000;
const MOST_MS = 3_600_000;
const COMPONENT = 'network time';

/**
 * Says whether network time has to wait for what sources have yet to read after a start: a tick
 * before it would make that backlog late. No source is waited for without end: one that has read
 * nothing for `stallMs`, or has not caught up after `mostMs`, is given up, which health shows until
 * it does catch up. Once caught up, a source is not waited for again.
 */
export class CatchUp {
  readonly #options: CatchUpOptions;
  #awaited: Awaited[] = [];
  #hasWaited = false;

  constructor(options: CatchUpOptions) {
    this.#options = options;
  }

  /** Waits for this source from the next question on. */
  add(source: CatchingUp): void {
    const start = { sinceMs: Number.NaN, movedAtMs: Number.NaN, progress: Number.NaN };
    const none = { isAsking: false, trouble: undefined, givenUp: undefined };
    this.#awaited.push({ source, ...start, ...none });
  }

  /** Asks every source anew, without waiting for the answers. @returns whether ticks must wait */
  holdsBack(): boolean {
    const nowMs = this.#options.wall.now();
    for (const each of this.#awaited) {
      this.#ask(each);
      this.#judge(each, nowMs);
    }
    const holding = this.#awaited.filter(({ givenUp }) => givenUp === undefined);
    this.#report(holding);
    return holding.length > 0;
  }

  #ask(each: Awaited): void {
    if (each.isAsking) return;
    each.isAsking = true;
    each.source
      .isCaughtUp()
      .then(
        (isCaughtUp) => {
          each.trouble = undefined;
          if (isCaughtUp) this.#awaited = this.#awaited.filter((other) => other !== each);
        },
        (error) => {
          each.trouble = messageOf(error);
        },
      )
      .finally(() => {
        each.isAsking = false;
      });
  }

  #judge(each: Awaited, nowMs: number): void {
    const { stallMs = STALL_MS, mostMs = MOST_MS } = this.#options;
    const progress = each.source.progress();
    if (Number.isNaN(each.sinceMs)) each.sinceMs = nowMs;
    if (progress !== each.progress) each.movedAtMs = nowMs;
    each.progress = progress;
    if (each.givenUp !== undefined) return;
    if (nowMs - each.movedAtMs >= stallMs) {
      each.givenUp = `has read nothing for ${seconds(stallMs)}`;
    } else if (nowMs - each.sinceMs >= mostMs) {
      each.givenUp = `has not caught up within ${seconds(mostMs)}`;
    }
  }

  #report(holding: readonly Awaited[]): void {
    const { health } = this.#options;
    const lost = this.#awaited.filter(({ givenUp }) => givenUp !== undefined);
    if (lost.length > 0) {
      const said = lost.map(
        ({ source, givenUp, trouble }) =>
          `${source.name}, which ${givenUp}${trouble === undefined ? '' : ` (${trouble})`}`,
      );
      const text = `goes on without ${said.join('; ')}: what it holds may count as late`;
      health.set(COMPONENT, 'degraded', text, 'a source has not caught up');
    } else if (holding.length > 0) {
      const names = holding.map(({ source }) => source.name).join(', ');
      health.set(COMPONENT, 'degraded', `waits for ${names} to catch up`, 'catching up');
    } else if (this.#hasWaited) health.set(COMPONENT, 'up', 'every source has caught up');
    this.#hasWaited = this.#awaited.length > 0;
  }
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
