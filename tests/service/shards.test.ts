import { describe, expect, it } from 'vitest';
import type { DetectStage } from '../../src/pipeline.js';
import { Health } from '../../src/runtime/health.js';
import { createLog } from '../../src/runtime/log.js';
import { Shards } from '../../src/service/shards.js';
import { MemoryCheckpoints, MemoryEvents, MemoryHistory } from '../runtime/memory-ports.js';

const clock = { now: () => 0 };

const idle: DetectStage = {
  ingest: () => ({ accepted: 0, duplicates: 0, conflicts: 0, late: 0 }),
  advance: () => [],
  nextDueMs: () => Number.POSITIVE_INFINITY,
  act: () => undefined,
  vendors: () => undefined,
  models: () => [],
  snapshot: () => new Uint8Array(1),
  restore: () => undefined,
};

/** Shards whose reads hang until the test lets them go on; who owns a stream is noted. */
function hangingShards() {
  const owners: string[] = [];
  const reads: { stream: string; end: () => void }[] = [];
  let heard: (() => void) | undefined;
  const journal = {
    read: (stream: string) =>
      new Promise<never[]>((resolve) => {
        reads.push({ stream, end: () => resolve([]) });
        heard?.();
      }),
    append: async () => 0,
    prune: async () => 0,
  };
  const shards = new Shards({
    journal,
    checkpoints: new MemoryCheckpoints(),
    events: new MemoryEvents(),
    history: new MemoryHistory(),
    detect: () => idle,
    lanes: new Map(),
    takeOver: async (stream) => owners.push(stream),
    vendors: async () => new Map(),
    ingested: () => undefined,
    watched: () => undefined,
    checkpointMs: 60_000,
    health: new Health(clock, clock),
    log: createLog('silent'),
  });
  /** Resolves when so many reads hang. */
  const hanging = async (count: number): Promise<void> => {
    while (reads.length < count) {
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
  };
  const release = (): void => {
    for (const { end } of reads.splice(0)) end();
  };
  return { shards, owners, hanging, release };
}

describe('Shards', () => {
  it('runs every stream that comes back while it is being given up', async () => {
    const { shards, owners, hanging, release } = hangingShards();
    const streams = ['a', 'b', 'c'];
    shards.start(streams);
    await hanging(3);
    const stopped = shards.stop(streams, true);
    shards.start(streams);
    expect(shards.streams).toEqual(streams);
    release();
    await stopped;
    await hanging(3);
    expect(shards.streams).toEqual(streams);
    expect(owners.sort()).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
    const end = shards.stop(streams, false);
    release();
    await end;
  });

  it('does not take a stream over before the former run of it has ended', async () => {
    const { shards, owners, hanging, release } = hangingShards();
    shards.start(['a']);
    await hanging(1);
    const stopped = shards.stop(['a'], true);
    shards.start(['a']);
    await new Promise(setImmediate);
    expect(owners).toEqual(['a']);
    release();
    await stopped;
    await hanging(1);
    expect(owners).toEqual(['a', 'a']);
    const end = shards.stop(['a'], false);
    release();
    await end;
  });
});
