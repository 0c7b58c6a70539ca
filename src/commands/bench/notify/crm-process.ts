import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startCrm } from '../../../../simulators/crm.js';

/** A simulated CRM in a process of its own, so that its work is not counted as the pusher's. */
export interface CrmProcess {
  readonly url: string;
  stop(): void;
}

/** Starts it; it takes whatever comes at once. */
export async function startCrmProcess(): Promise<CrmProcess> {
  const path = fileURLToPath(import.meta.url);
  const execArgv = path.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const child = fork(path, ['serve'], { execArgv });
  const [url] = (await once(child, 'message')) as [string];
  return { url, stop: () => void child.kill() };
}

if (process.argv[2] === 'serve' && process.send !== undefined) {
  const crm = await startCrm();
  process.send(crm.url);
}
