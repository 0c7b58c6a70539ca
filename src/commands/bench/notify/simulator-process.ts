import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startCrm } from '../../../../simulators/crm.js';
import { startSmsGateway } from '../../../../simulators/sms-gateway.js';
import { ACCOUNT } from './kill-steps.js';

/** Simulators that a bench asks; each takes whatever comes at once. */
const SIMULATORS = {
  crm: () => startCrm(),
  gateway: () => startSmsGateway({ ...ACCOUNT, segmentsPerSecond: 1_000_000 }),
} as const;

/** A simulator in a process of its own, so that its work is not counted as that of who asks it. */
export interface SimulatorProcess {
  readonly url: string;
  stop(): void;
}

/** Starts one on a free port of loopback. */
export async function startSimulator(name: keyof typeof SIMULATORS): Promise<SimulatorProcess> {
  const path = fileURLToPath(import.meta.url);
  const execArgv = path.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const child = fork(path, ['serve', name], { execArgv });
  const [url] = (await once(child, 'message')) as [string];
  return { url, stop: () => void child.kill() };
}

const [, , command, asked] = process.argv;
if (command === 'serve' && process.send !== undefined) {
  const { url } = await SIMULATORS[asked as keyof typeof SIMULATORS]();
  process.send(url);
}
