import pino from 'pino';
import { expect, test } from 'vitest';
import type { ComplaintCounts } from '../../src/notify/effect/complaint-loop.js';
import { EffectWorker } from '../../src/runtime/effect-worker.js';
import { Health } from '../../src/runtime/health.js';
import { effectRules } from '../services/customers.js';

const clock = { now: () => 1_000_000_000_000 };
const FINE: ComplaintCounts = { messages: 10_000, optOuts: 10, replies: 10 };
const BEYOND: ComplaintCounts = { messages: 10_000, optOuts: 500, replies: 10 };

function worldOf(change: { isLeading?: boolean; pauses?: boolean } = {}) {
  const said: string[] = [];
  const asked: number[] = [];
  const state = { counts: FINE, isPaused: false, left: 0, learnt: [] as unknown[] };
  const health = new Health(clock, clock);
  const worker = new EffectWorker({
    store: {
      measureEnded: async (nowMs) => {
        asked.push(nowMs);
        return state.left-- > 0 ? 1 : 0;
      },
      measured: async () => [],
      learn: async (effect) => void state.learnt.push(effect),
      complaints: async () => state.counts,
      monthSpent: async () => ({ segments: 0 }),
    },
    rules: {
      ...effectRules,
      complaints: { ...effectRules.complaints, pauses: change.pauses ?? true },
    },
    network: clock,
    health,
    log: pino({ level: 'silent' }),
    isLeading: () => change.isLeading ?? true,
    isPaused: async () => state.isPaused,
    pause: async (why) => {
      state.isPaused = true;
      said.push(why);
    },
  });
  const status = () => health.report().components.find(({ name }) => name === 'complaints')?.status;
  return { worker, said, asked, state, status };
}

test('complaints beyond a limit stop messages once, and a person who lets them go on is not undone', async () => {
  const { worker, said, state, status } = worldOf();
  await worker.turn();
  expect(said).toEqual([]);
  expect(status()).toBe('up');
  state.counts = BEYOND;
  await worker.turn();
  expect(said).toHaveLength(1);
  expect(said[0]).toContain('50.0 opt-outs per 1,000');
  expect(status()).toBe('degraded');
  state.isPaused = false;
  await worker.turn();
  expect(said).toHaveLength(1);
  state.counts = FINE;
  await worker.turn();
  state.counts = BEYOND;
  await worker.turn();
  expect(said).toHaveLength(2);
});

test('without leave to pause an alarm is raised and messages go on', async () => {
  const { worker, said, state, status } = worldOf({ pauses: false });
  state.counts = BEYOND;
  await worker.turn();
  expect(said).toEqual([]);
  expect(status()).toBe('degraded');
});

test('goes on while there is more to measure, calls having half an hour to come in', async () => {
  const { worker, asked, state } = worldOf();
  state.left = 1;
  expect(await worker.turn()).toBe('busy');
  expect(await worker.turn()).toBe('idle');
  // nothing measurable: the forecast is told that the rules count
  expect(state.learnt).toEqual([undefined]);
  expect(asked[0]).toBe(clock.now() - 30 * 60_000);
  const follower = worldOf({ isLeading: false });
  expect(await follower.worker.turn()).toBe('idle');
  expect(follower.asked).toEqual([]);
});
