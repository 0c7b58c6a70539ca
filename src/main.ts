import { Command, CommanderError } from 'commander';
import { packageVersion } from './config.js';
import { messageOf, TocsinError } from './domain/errors.js';

type Register = (program: Command) => void;

/** Each command in its own module, loaded when it is asked for, so that none pays for another. */
const COMMANDS: Record<string, () => Promise<Register>> = {
  start: async () => (await import('./commands/start.js')).registerStart,
  doctor: async () => (await import('./commands/doctor.js')).registerDoctor,
  import: async () => (await import('./commands/import.js')).registerImport,
  replay: async () => (await import('./commands/replay.js')).registerReplay,
  detect: async () => (await import('./commands/detect.js')).registerDetect,
  score: async () => (await import('./commands/score.js')).registerScore,
  backtest: async () => (await import('./commands/backtest.js')).registerBacktest,
  staff: async () => (await import('./commands/staff.js')).registerStaff,
  simulate: async () => (await import('./commands/simulate.js')).registerSimulate,
  bench: async () => (await import('./commands/bench.js')).registerBench,
};

const EXIT_BAD_USE = 2;

async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('tocsin')
    .description('Warns subscribers of a network incident before they call.')
    .version(packageVersion())
    .configureOutput({ outputError: () => undefined })
    .exitOverride();
  const wanted = COMMANDS[argv[2] ?? ''];
  for (const load of wanted ? [wanted] : Object.values(COMMANDS)) (await load())(program);
  for (const command of program.commands) command.copyInheritedSettings(program).exitOverride();
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode !== 0) throw badUse(error, program);
    throw error;
  }
}

/** Commander's complaint as one line that also says what is allowed. */
function badUse(error: CommanderError, program: Command): TocsinError {
  const complaint = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
  const command = program.commands.length === 1 ? program.commands[0] : undefined;
  const allowed =
    command === undefined
      ? `commands: ${Object.keys(COMMANDS).join(', ')}`
      : `${command.name()} takes ${command.options.map((option) => option.flags).join(', ')}`;
  return new TocsinError('input.option', `${complaint}; ${allowed}`);
}

/** Bad use is one line and exit code 2; anything else exit code 1. */
function exitCodeFor(error: unknown): number {
  if (error instanceof CommanderError) return 0;
  const isBadUse = error instanceof TocsinError && error.code.startsWith('input.');
  process.stderr.write(`tocsin: ${messageOf(error)}\n`);
  if (!(error instanceof TocsinError) && error instanceof Error) {
    process.stderr.write(`${error.stack ?? ''}\n`);
  }
  return isBadUse ? EXIT_BAD_USE : 1;
}

try {
  await main(process.argv);
} catch (error) {
  process.exitCode = exitCodeFor(error);
}
