// Entry of the processes that `bench ingest` forks, one per contestant, so that neither pays for
// what the other loads or leaves on the heap.
import { measure } from './harness.js';
import type { Contestant, ContestSetup, ToWorker } from './ingest-contest.js';

async function contestantFor(setup: ContestSetup): Promise<Contestant> {
  if (setup.role === 'baseline') return (await import('./ingest-baseline.js')).baseline(setup);
  return (await import('./ingest-ours.js')).ours(setup);
}

let contestant: Contestant | undefined;

async function handle(message: ToWorker): Promise<unknown> {
  if ('setup' in message) {
    contestant = await contestantFor(message.setup);
    return { ready: true };
  }
  const { run, prepare } = contestant ?? {};
  if (!run || !prepare) throw new Error('a run before the set-up');
  await prepare();
  globalThis.gc?.();
  return { measured: await measure(run) };
}

process.on('message', (message: ToWorker) => {
  handle(message).then(
    (answer) => process.send?.(answer as object),
    (error: unknown) => process.send?.({ error: String((error as Error).stack ?? error) }),
  );
});
process.on('disconnect', () => process.exit(0));
