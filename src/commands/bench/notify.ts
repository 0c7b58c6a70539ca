import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../adapters/postgres/embedded.js';
import { migrate } from '../../adapters/postgres/migrate.js';
import type { PartResult } from './accuracy/part.js';
import { chosenParts, resultOfParts } from './bench-parts.js';
import type { BenchResult } from './harness.js';
import type { NotifyPart } from './notify/part.js';

/** The parts in the order they run, loaded when asked for. A new part is one line here. */
const PARTS: Readonly<Record<string, () => Promise<NotifyPart>>> = {
  queue: async () => (await import('./notify/queue.js')).measureQueue,
  dispatch: async () => (await import('./notify/dispatch.js')).measureDispatch,
  callbacks: async () => (await import('./notify/callbacks.js')).measureCallbacks,
  firstSms: async () => (await import('./notify/first-sms.js')).measureFirstSms,
  flags: async () => (await import('./notify/flags.js')).measureFlags,
  kills: async () => (await import('./notify/kills.js')).measureKills,
};

/** What `tocsin bench notify` was asked for. */
export interface NotifyBenchOptions {
  /** share of the full size, above 0 and at most 1 */
  readonly scale: number;
  /** names of parts, separated by commas; default all */
  readonly only?: string;
}

const ABOUT = {
  name: 'notify',
  better: 'lower',
  aim: 'a million messages queued in under 3 times a bare INSERT, dispatch at least 0.7 of a bare loop, nobody told twice',
} as const;

/**
 * How fast messages are queued, sent and settled, and that nobody is told twice however often a
 * process is killed. On an embedded Postgres of its own, which is removed.
 * @throws TocsinError `input.option` for a part that is not known
 */
export async function benchNotify(options: NotifyBenchOptions): Promise<BenchResult> {
  const started = process.cpuUsage();
  const names = chosenParts(Object.keys(PARTS), options.only);
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-bench-'));
  await chmod(folder, 0o755); // the server's own user must reach it
  const server = await startEmbeddedPostgres({
    dataDir: join(folder, 'pg'),
    settings: { max_connections: '200' },
    log: () => undefined,
  });
  const results: [string, PartResult][] = [];
  try {
    await migrate(server.url);
    for (const name of names) {
      const part = await PARTS[name]?.();
      if (part === undefined) continue;
      const progress = (text: string): void => void process.stderr.write(`${name}: ${text}\n`);
      results.push([name, await part({ scale: options.scale, progress, templateUrl: server.url })]);
    }
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
  const { user, system } = process.cpuUsage(started);
  return resultOfParts(ABOUT, results, (user + system) / 1e6);
}
