import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TocsinError } from '../../src/domain/errors.js';
import { scaledClock } from '../../src/runtime/clock.js';
import { Health } from '../../src/runtime/health.js';
import { createLog } from '../../src/runtime/log.js';
import { Loop, type Turn } from '../../src/runtime/loop.js';
import { CONTROL_STREAM, type StreamFacts } from '../../src/runtime/ports.js';
import { Ticker } from '../../src/runtime/ticker.js';

const log = createLog('silent');

function clock(at = 0) {
  return { at, now: () => at };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('Loop', () => {
  it('recovers before the first turn and after a failure, and says so in health', async () => {
    const health = new Health(clock(), clock());
    const seen: string[] = [];
    let turns = 0;
    const loop = new Loop({
      name: 'work',
      idleMs: 1000,
      health,
      log,
      recover: async () => {
        seen.push('recover');
      },
      turn: async (): Promise<Turn> => {
        turns++;
        seen.push(`turn ${turns}`);
        if (turns === 2) throw new TocsinError('unavailable.postgres', 'away');
        return 'idle';
      },
    });
    loop.start();
    await vi.advanceTimersByTimeAsync(1000);
    expect(health.report().components[0]).toMatchObject({ status: 'down', detail: 'away' });
    await vi.advanceTimersByTimeAsync(300);
    expect(seen).toEqual(['recover', 'turn 1', 'turn 2', 'recover', 'turn 3']);
    expect(health.report().status).toBe('up');
    await loop.stop();
  });

  it('waits longer after every failure, at most 15 s', async () => {
    let turns = 0;
    const loop = new Loop({
      name: 'broken',
      idleMs: 1,
      health: new Health(clock(), clock()),
      log,
      turn: () => {
        turns++;
        return Promise.reject(new Error('no'));
      },
    });
    loop.start();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(turns).toBeLessThan(10);
    const before = turns;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(turns - before).toBeGreaterThanOrEqual(3);
    await loop.stop();
  });

  it('ends in the middle of a pause when it is stopped', async () => {
    const loop = new Loop({
      name: 'idle',
      idleMs: 3_600_000,
      health: new Health(clock(), clock()),
      log,
      turn: async () => 'idle',
    });
    loop.start();
    await vi.advanceTimersByTimeAsync(10);
    await loop.stop();
    expect(vi.getTimerCount()).toBe(0);
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
      isLeading: () => isLeading,
    });
    return { made, appended, network };
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
    expect(appended.map(([first]) => first?.facts[0])).toEqual([{ kind: 'tick', nowMs: 6000 }]);
  });

  it('moves no time while another instance leads', async () => {
    const { made, appended } = ticker(false);
    await made.turn();
    expect(appended).toEqual([]);
  });
});

describe('scaledClock', () => {
  it('runs as many times as fast as asked', () => {
    const wall = { now: () => 1500 };
    expect(scaledClock(10_000, 1000, 60, wall).now()).toBe(40_000);
  });
});
