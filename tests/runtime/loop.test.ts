import { describe, expect, it } from 'vitest';
import { TocsinError } from '../../src/domain/errors.js';
import { FollowingClock, pacedClock } from '../../src/runtime/clock.js';
import { Health } from '../../src/runtime/health.js';
import { createLog } from '../../src/runtime/log.js';
import { Loop, type Turn } from '../../src/runtime/loop.js';
import { CONTROL_STREAM, type StreamFacts } from '../../src/runtime/ports.js';
import { Ticker } from '../../src/runtime/ticker.js';

const log = createLog('silent');

function clock(at = 0) {
  return { at, now: () => at };
}

/** Waits that end when the test says so. */
class Waits {
  readonly asked: number[] = [];
  #wake: (() => void) | undefined;
  #asked: (() => void) | undefined;

  readonly wait = (ms: number, signal: AbortSignal): Promise<void> => {
    this.asked.push(ms);
    return new Promise((resolve, reject) => {
      this.#wake = resolve;
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      this.#asked?.();
    });
  };

  /** Resolves when the loop waits again. @param wakes whether the present wait ends first */
  async next(wakes = true): Promise<number> {
    const waits = new Promise<void>((resolve) => {
      this.#asked = resolve;
    });
    if (wakes) this.#wake?.();
    await waits;
    return this.asked.at(-1) ?? 0;
  }
}

describe('Loop', () => {
  it('recovers before the first turn and after a failure, and says so in health', async () => {
    const health = new Health(clock(), clock());
    const waits = new Waits();
    const seen: string[] = [];
    const outcomes: (Turn | Error)[] = [
      'idle',
      new TocsinError('unavailable.postgres', 'away'),
      'idle',
    ];
    const loop = new Loop({
      name: 'work',
      idleMs: 1000,
      health,
      log,
      wait: waits.wait,
      recover: async () => {
        seen.push('recover');
      },
      turn: async () => {
        seen.push('turn');
        const outcome = outcomes.shift() ?? 'idle';
        if (outcome instanceof Error) throw outcome;
        return outcome;
      },
    });
    const first = waits.next(false);
    loop.start();
    expect(await first).toBe(1000);
    await waits.next();
    expect(health.report().components[0]).toMatchObject({ status: 'down', detail: 'away' });
    await waits.next();
    expect(seen).toEqual(['recover', 'turn', 'turn', 'recover', 'turn']);
    expect(health.report().status).toBe('up');
    await loop.stop();
  });

  it('waits longer after every failure, at most 15 s', async () => {
    const waits = new Waits();
    const loop = new Loop({
      name: 'broken',
      idleMs: 1,
      health: new Health(clock(), clock()),
      log,
      wait: waits.wait,
      turn: () => Promise.reject(new Error('no')),
    });
    const first = waits.next(false);
    loop.start();
    await first;
    for (let failure = 2; failure <= 12; failure++) await waits.next();
    expect(waits.asked[0]).toBeLessThanOrEqual(250);
    expect(waits.asked[4]).toBeGreaterThan(waits.asked[0] ?? 0);
    expect(Math.max(...waits.asked)).toBeLessThanOrEqual(15_000);
    await loop.stop();
  });

  it('ends in the middle of a wait when it is stopped', async () => {
    const loop = new Loop({
      name: 'idle',
      idleMs: 3_600_000,
      health: new Health(clock(), clock()),
      log,
      turn: async () => 'idle',
    });
    loop.start();
    await expect(loop.stop()).resolves.toBeUndefined();
  });
});

describe('Health', () => {
  it('takes the worst component for the whole and keeps since while a status lasts', () => {
    let nowMs = 0;
    const health = new Health({ now: () => nowMs }, clock());
    health.set('kafka', 'down', 'connecting');
    nowMs = 5000;
    health.set('kafka', 'down', 'still connecting');
    health.set('postgres', 'up', 'answers');
    expect(health.report()).toMatchObject({
      status: 'down',
      components: [
        { name: 'kafka', since: '1970-01-01T00:00:00.000Z', detail: 'still connecting' },
        { name: 'postgres', status: 'up' },
      ],
    });
  });
});

describe('Ticker', () => {
  function ticker(isLeading = true) {
    const backlog = { isLeft: false };
    const imports = { version: 3 };
    const appended: StreamFacts[][] = [];
    const network = { nowMs: 1000, now: () => network.nowMs };
    const made = new Ticker({
      journal: {
        appendAll: async (batches: readonly StreamFacts[]) => {
          appended.push([...batches]);
        },
      } as never,
      network,
      streams: ['telemetry/0'],
      tickElsewhere: async () => undefined,
      holdsBack: () => backlog.isLeft,
      networkVersion: async () => imports.version,
      isLeading: () => isLeading,
    });
    return { made, appended, network, backlog, imports };
  }

  it('puts one tick into every stream', async () => {
    const { made, appended } = ticker();
    await made.turn();
    expect(appended[0]?.map(({ stream }) => stream)).toEqual(['telemetry/0', CONTROL_STREAM]);
  });

  it('never lets time go back, whatever the clock does', async () => {
    const { made, appended, network } = ticker();
    made.startAfter(5000);
    await made.turn();
    network.nowMs = 6000;
    await made.turn();
    network.nowMs = 5500;
    await made.turn();
    expect(appended.map(([first]) => first?.facts.at(-1))).toEqual([{ kind: 'tick', nowMs: 6000 }]);
  });

  it('tells every stream of a changed network, before the tick and in its transaction', async () => {
    const { made, appended, network, imports } = ticker();
    const control = (turn: number) => appended[turn]?.at(-1)?.facts;
    await made.turn();
    expect(control(0)).toEqual([
      { kind: 'network', items: [{ version: 3 }] },
      { kind: 'tick', nowMs: 1000 },
    ]);
    network.nowMs = 2000;
    await made.turn();
    expect(control(1)).toEqual([{ kind: 'tick', nowMs: 2000 }]);
    imports.version = 4;
    network.nowMs = 3000;
    await made.turn();
    expect(control(2)?.[0]).toEqual({ kind: 'network', items: [{ version: 4 }] });
    expect(appended[2]?.[0]).toEqual({ stream: 'telemetry/0', facts: control(2) });
  });

  it('keeps time where it is while sources read what waited for them', async () => {
    const { made, appended, backlog } = ticker();
    backlog.isLeft = true;
    await made.turn();
    expect(appended).toEqual([]);
    backlog.isLeft = false;
    await made.turn();
    expect(appended).toHaveLength(1);
  });

  it('moves no time while another instance leads', async () => {
    const { made, appended } = ticker(false);
    await made.turn();
    expect(appended).toEqual([]);
  });
});

describe('pacedClock', () => {
  it('runs as many times as fast as asked, waits at its limit and does not make up for it', () => {
    const wall = { at: 0, now: () => wall.at };
    let limitMs = 10_000;
    const paced = pacedClock(0, 60, () => limitMs, wall);
    wall.at = 100;
    expect(paced.now()).toBe(6000);
    wall.at = 5000;
    expect(paced.now()).toBe(10_000);
    limitMs = 1e9;
    wall.at = 5100;
    expect(paced.now()).toBe(16_000);
  });
});

describe('FollowingClock', () => {
  it('stands still until the first word and never passes the limit it was told', () => {
    const wall = { at: 0, now: () => wall.at };
    const following = new FollowingClock(1000, 60, wall);
    wall.at = 9999;
    expect(following.now()).toBe(1000);
    following.heard(2000, 5000);
    wall.at += 10;
    expect(following.now()).toBe(2600);
    wall.at += 10_000;
    expect(following.now()).toBe(5000);
  });
});
