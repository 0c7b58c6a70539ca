import { expect, it } from 'vitest';
import type { Presence } from '../../src/domain/facts.js';
import type { PresenceCounts } from '../../src/impact/ports.js';
import type { Checkpoint } from '../../src/runtime/ports.js';
import { PresenceRunner } from '../../src/runtime/presence-runner.js';

const NOTHING: PresenceCounts = {
  applied: 0,
  stale: 0,
  contradictory: 0,
  unknownSubscriber: 0,
  visitors: 0,
  unknownCell: 0,
  future: 0,
};
const seen = (subscriber: number): Presence => ({
  subscriber: `20801${subscriber}`,
  cell: 'S1-1',
  time: '2026-01-14T13:00:00Z',
});

/** A journal to append to, a writer that fails when told to, and what came of both. */
function world() {
  const entries: Presence[] = [];
  const applied: string[] = [];
  let saved: Checkpoint | undefined;
  const state = { fails: false };
  const runner = new PresenceRunner({
    journal: {
      read: async (_stream, after, limit) =>
        entries.slice(after + 1, after + 1 + limit).map((item, n) => ({
          offset: after + 1 + n,
          fact: { kind: 'presence', items: [item] },
        })),
      prune: async () => 0,
    },
    checkpoints: {
      load: async () => saved,
      save: async (_name, checkpoint) => {
        saved = checkpoint;
      },
    },
    writer: {
      apply: async (items) => {
        if (state.fails) throw new Error('Postgres is away');
        applied.push(...items.map(({ subscriber }) => subscriber));
        return { ...NOTHING, applied: items.length };
      },
    },
    network: { now: () => 0 },
    takeOver: async () => 1,
    counted: () => undefined,
  });
  return { entries, applied, state, runner, saved: () => saved?.streamOffset };
}

it('applies every sighting once and in order, though it reads ahead', async () => {
  const { entries, applied, runner, saved } = world();
  await runner.recover();
  expect(await runner.turn()).toBe('idle');
  const all = Array.from({ length: 100 }, (_, n) => seen(n));
  entries.push(...all.slice(0, 40));
  expect(await runner.turn()).toBe('busy');
  entries.push(...all.slice(40));
  while ((await runner.turn()) === 'busy');
  entries.push(seen(100));
  expect(await runner.turn()).toBe('busy');
  expect(await runner.turn()).toBe('idle');
  expect(applied).toEqual([...all, seen(100)].map(({ subscriber }) => subscriber));
  expect(saved()).toBe(100);
});

it('applies again what failed, and nothing after it before', async () => {
  const { entries, applied, state, runner } = world();
  await runner.recover();
  const all = Array.from({ length: 80 }, (_, n) => seen(n));
  entries.push(...all);
  await runner.turn();
  state.fails = true;
  await expect(runner.turn()).rejects.toThrow('away');
  state.fails = false;
  while ((await runner.turn()) === 'busy');
  expect(applied).toEqual(all.map(({ subscriber }) => subscriber));
});
