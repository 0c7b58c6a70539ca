import { loadRules } from '../../../service/rules.js';
import type { KillOrder, KillStep } from './kill-steps.js';
import { killWorker } from './kill-worker.js';

/**
 * A process with several workers, each with a database of its own. A worker that comes to its step
 * stays there for ever; once all have, or have nothing left to do, the process says so and waits to be
 * killed. Started by `kill-round.ts`, which sends the orders and the signal.
 */
const rules = loadRules();

process.on('message', (orders: readonly KillOrder[]) => {
  for (const order of orders)
    run(order, (reached) => process.send?.({ order: order.databaseUrl, reached }));
});
process.send?.('ready');

function run(order: KillOrder, arrived: (reached: boolean) => void): void {
  let seen = 0;
  const before = async (step: KillStep): Promise<void> => {
    if (step !== order.step || ++seen !== order.at) return;
    arrived(true);
    await new Promise<never>(() => undefined);
  };
  killWorker(order, rules, { before, isListComplete: true }).start();
}
