import { createPool } from '../../../adapters/postgres/pool.js';
import { Texts } from '../../../notify/texts.js';
import type { KillStep, KillTask } from './kill-steps.js';
import { killWorker } from './kill-worker.js';

const CONNECTIONS = 2;

/**
 * A process with several workers, each with a database of its own. A worker that comes to its step
 * stays there for ever; the process says so of each and waits to be killed. Started by
 * `kill-rounds.ts`, which sends the orders and the signal. It imports little, since it starts often.
 */
process.on('message', ({ orders, policy, messages }: KillTask) => {
  const rules = { policy, texts: new Texts(messages, policy) };
  for (const order of orders) run(order, rules);
});
process.send?.('ready');

function run(order: KillTask['orders'][number], rules: Parameters<typeof killWorker>[1]): void {
  let seen = 0;
  let frozen: Promise<never> | undefined;
  const watch = {
    // nothing new is taken by a worker that is frozen; results of what is under way are still written
    beforeTaking: async () => frozen,
    after: async (step: KillStep) => {
      if (step !== order.step || ++seen !== order.at) return;
      frozen = new Promise(() => undefined);
      process.send?.({ order: order.databaseUrl });
      await frozen;
    },
  };
  const pool = createPool(order.databaseUrl, { max: CONNECTIONS });
  killWorker({ ...order, pool }, rules, { watch, isListComplete: true }).start();
}
