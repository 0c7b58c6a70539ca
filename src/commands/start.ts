import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { TocsinError } from '../domain/errors.js';
import { runConfigured } from '../service/start-configured.js';
import { runDemo } from '../service/start-demo.js';
import { numberOption } from './option-values.js';

interface StartOptions {
  config?: string;
  speed?: number;
  port?: number;
  dataDir?: string;
}

/** A running installation. */
export interface Started {
  /** resolves when it can go on no longer by itself */
  readonly failed: Promise<never>;
  /** @returns whether everything in hand was put down well; what was not is done again next time */
  stop(): Promise<boolean>;
}

const DEMO_SPEED = 60;

/** `tocsin start`: the service of a configuration, or without one a demo with simulators. */
export function registerStart(program: Command): void {
  program
    .command('start')
    .description('run the service; without --config a demo with a simulated network')
    .option('--config <file>', 'configuration of a real installation')
    .option(
      '--speed <n>',
      `demo only: network minutes per minute (default ${DEMO_SPEED})`,
      numberOption('1 to 240', (x) => x >= 1 && x <= 240),
    )
    .option(
      '--port <n>',
      'demo only: port of the dashboard (default 8080, or a free one)',
      numberOption(
        'a whole number from 1 to 65535',
        (x) => Number.isInteger(x) && x > 0 && x < 65_536,
      ),
    )
    .option('--data-dir <folder>', 'demo only: where the embedded database lives')
    .action(async (options: StartOptions) => {
      await untilStopped(await start(options));
    });
}

function start(options: StartOptions): Promise<Started> {
  const { config, speed, port, dataDir } = options;
  if (config === undefined) {
    return runDemo({
      speed: speed ?? DEMO_SPEED,
      port,
      dataDir,
      seed: 1,
      secret: () => randomBytes(24).toString('base64url'),
    });
  }
  const given = Object.entries({ '--speed': speed, '--port': port, '--data-dir': dataDir });
  const wrong = given.filter(([, value]) => value !== undefined).map(([name]) => name);
  if (wrong.length > 0) {
    throw new TocsinError(
      'input.option',
      `${wrong.join(' and ')} cannot go with --config: a real network runs at its own speed, and the rest stands in the file`,
    );
  }
  return runConfigured(config);
}

/** Waits for Ctrl-C or SIGTERM and stops; a second signal ends at once. */
async function untilStopped(started: Started): Promise<void> {
  let signals = 0;
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (++signals > 1) process.exit(130);
        process.stderr.write('\nstopping (again to end at once) …\n');
        resolve();
      });
    }
  });
  let isClean = false;
  try {
    await Promise.race([stopped, started.failed]);
  } finally {
    isClean = await started.stop();
    process.stderr.write(isClean ? 'stopped\n' : 'stopped, not cleanly: see the lines above\n');
  }
  process.exit(isClean ? 0 : 1);
}
