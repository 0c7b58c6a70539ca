import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startSmsGateway } from '../../../../simulators/sms-gateway.js';
import { ACCOUNT } from './kill-steps.js';

/** A simulated gateway in a process of its own, so that its work is not counted as the sender's. */
export interface GatewayProcess {
  readonly url: string;
  stop(): void;
}

/** Starts it; it takes whatever comes at once. */
export async function startGatewayProcess(): Promise<GatewayProcess> {
  const path = fileURLToPath(import.meta.url);
  const execArgv = path.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const child = fork(path, ['serve'], { execArgv });
  const [url] = (await once(child, 'message')) as [string];
  return { url, stop: () => void child.kill() };
}

if (process.argv[2] === 'serve' && process.send !== undefined) {
  const gateway = await startSmsGateway({ ...ACCOUNT, segmentsPerSecond: 1_000_000 });
  process.send(gateway.url);
}
