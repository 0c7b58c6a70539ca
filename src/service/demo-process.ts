import { fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DemoOptions } from '../../simulators/demo/demo.js';
import type { FollowingClock } from '../runtime/clock.js';
import type { Logger } from '../runtime/log.js';

/** The simulators, running. */
export interface DemoProcess {
  /** resolves when it has ended, expected or not */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

type DemoMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'trouble'; readonly line: string }
  | { readonly type: 'time'; readonly nowMs: number; readonly limitMs: number };

const STOP_MS = 10_000;

/**
 * Starts the simulators as a process of their own, so that they use public inputs only.
 * @param clock set by the simulators' network time
 */
export function startDemoProcess(
  options: DemoOptions,
  { log, clock }: { readonly log: Logger; readonly clock: FollowingClock },
): DemoProcess {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const folder = fileURLToPath(new URL('../../simulators', import.meta.url));
  const child = fork(join(folder, `demo-main.${extension}`), [JSON.stringify(options)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.on('message', (message: DemoMessage) => {
    if (message.type === 'time') clock.heard(message.nowMs, message.limitMs);
    if (message.type === 'trouble') log.info({ line: message.line }, 'simulator');
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', (error) => {
      log.error({ err: error }, 'the simulators did not start');
      resolve();
    });
  });
  return {
    ended,
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}
