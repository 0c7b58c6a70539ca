import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { mix32 } from '../../../../simulators/random.js';
import { createPool } from '../../../adapters/postgres/pool.js';
import type { Rules } from '../../../service/rules.js';
import { KillSlot, type RunVerdict } from './kill-slot.js';
import { KILL_STEPS, type KillOrder, type KillTask } from './kill-steps.js';
import { queueWave } from './message-world.js';
import { administer, databaseAt, ownDatabase } from './own-database.js';

/** Which runs to make. */
export interface KillRounds {
  /** a database with the schema and nothing in it, and none connected; it is copied */
  readonly templateUrl: string;
  readonly rules: Rules;
  /** outboxes that one process works on, each killed at a step of its own */
  readonly slots: number;
  readonly rounds: number;
  readonly firstSeed: number;
  /** told after each round how the runs so far have ended */
  readonly progress?: (verdicts: readonly RunVerdict[]) => void;
}

/** People of a run. */
const PEOPLE = 8;
/** A machine may be busy; a worker that never comes to its step is a fault. */
const LONGEST_FROZEN_MS = 240_000;

/**
 * Kills processes with SIGKILL in the middle of sending, each outbox at a step drawn by its seed, has
 * others finish, and judges by the gateways' logs.
 * @returns a verdict per run, in order of seed
 */
export async function killRounds(options: KillRounds): Promise<RunVerdict[]> {
  const { rules, slots: count, rounds, firstSeed } = options;
  const nowMs = Date.UTC(2026, 0, 14, 13, 0);
  const databases = await copies(options, nowMs);
  const slots = databases.urls.map((url) => new KillSlot(url, rules, nowMs));
  const verdicts: RunVerdict[] = [];
  let next = start();
  try {
    for (let round = 0; round < rounds; round++) {
      const child = next;
      const seeds = slots.map((_, n) => firstSeed + round * count + n);
      const orders = await Promise.all(
        slots.map(async (slot, n) => orderOf(await slot.prepare(seeds[n] ?? 0), seeds[n] ?? 0)),
      );
      await killWhenFrozen(child, { orders, policy: rules.policy, messages: rules.messages });
      // the next one starts while this one's work is being finished
      if (round + 1 < rounds) next = start();
      verdicts.push(...(await Promise.all(slots.map((slot) => slot.finish()))));
      options.progress?.(verdicts);
    }
  } finally {
    next.kill('SIGKILL');
    await Promise.all(slots.map((slot) => slot.close()));
    await databases.drop();
  }
  return verdicts;
}

function orderOf(
  slot: Pick<KillOrder, 'databaseUrl' | 'gatewayUrl' | 'nowMs'>,
  seed: number,
): KillOrder {
  const step = KILL_STEPS[seed % KILL_STEPS.length] ?? 'claimed';
  return { ...slot, step, at: 1 + (mix32(seed) % PEOPLE) };
}

function start(): ChildProcess {
  const path = import.meta.url.endsWith('.ts') ? './kill-process.ts' : './kill-process.js';
  const tsx = path.endsWith('.ts') ? ['--import', 'tsx'] : [];
  return fork(fileURLToPath(new URL(path, import.meta.url)), { execArgv: tsx });
}

async function killWhenFrozen(child: ChildProcess, task: KillTask): Promise<void> {
  const { orders } = task;
  const frozen = new Set<string>();
  const exited = once(child, 'exit');
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`${frozen.size} of ${orders.length} workers came to their step`)),
      LONGEST_FROZEN_MS,
    );
    child.once('exit', () => reject(new Error('the process ended by itself')));
    child.on('message', (message: 'ready' | { order: string }) => {
      if (message === 'ready') child.send(task);
      else frozen.add(message.order);
      if (frozen.size < orders.length) return;
      clearTimeout(late);
      resolve();
    });
  }).finally(() => child.kill('SIGKILL'));
  await exited;
}

/** Databases with one wave to a few people each, ready to be sent. */
async function copies(
  { templateUrl, slots, firstSeed, rules }: KillRounds,
  nowMs: number,
): Promise<{ urls: string[]; drop: () => Promise<void> }> {
  const name = (n: number): string => `tocsin_kill_${process.pid}_${firstSeed}_${n}`;
  const first = await ownDatabase(templateUrl, name(0));
  const pool = createPool(first, { max: 1 });
  await queueWave(pool, { people: PEOPLE, nowMs, rules });
  await pool.end();
  const others = Array.from({ length: slots - 1 }, (_, n) => name(n + 1));
  await administer(
    templateUrl,
    others.map((each) => `create database ${each} template ${name(0)}`),
  );
  const all = [name(0), ...others];
  // It is a process that is killed, not the server: nothing has to be on the disk.
  const quick = all.map((each) => `alter database ${each} set synchronous_commit = off`);
  await administer(templateUrl, quick);
  return {
    urls: all.map((each) => databaseAt(templateUrl, each)),
    drop: () =>
      administer(
        templateUrl,
        all.map((each) => `drop database ${each} with (force)`),
      ),
  };
}
