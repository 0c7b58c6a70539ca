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
  texts: async () => (await import('./commands/texts.js')).registerTexts,
  simulate: async () => (await import('./commands/simulate.js')).registerSimulate,
  bench: async () => (await import('./commands/bench.js')).registerBench,
};

const EXIT_BAD_USE = 2;

async function main(argv: readonly string[]): Promise<void> {
  if (argv.length < 3) {
    const commands = Object.keys(COMMANDS).join(', ');
    throw new TocsinError('input.option', `a command is needed: ${commands}; --help explains them`);
  }
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
  // a wrong value: what is allowed stands in the complaint
  if (error.code === 'commander.invalidArgument') return new TocsinError('input.option', complaint);
  const allowed =
    command === undefined ? `commands: ${Object.keys(COMMANDS).join(', ')}` : usageOf(command);
  return new TocsinError('input.option', `${complaint}; ${allowed}`);
}

/** `import <kind> <file> takes --config <file>, …`. */
function usageOf(command: Command): string {
  const operands = command.registeredArguments.map((each) => {
    const name = each.variadic ? `${each.name()}…` : each.name();
    return each.required ? ` <${name}>` : ` [${name}]`;
  });
  const options = command.options.map((option) => option.flags);
  return `${command.name()}${operands.join('')} takes ${options.join(', ')}`;
}

const LONGEST_MESSAGE = 4000;

/** A message for a terminal, on which bytes of a binary file must not act. */
function printable(message: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to go
  const safe = message.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ufffd]+/g, '·');
  return safe.length > LONGEST_MESSAGE ? `${safe.slice(0, LONGEST_MESSAGE)} …` : safe;
}

/** Bad use is one line and exit code 2; anything else exit code 1. */
function exitCodeFor(error: unknown): number {
  if (error instanceof CommanderError) return 0;
  const isBadUse = error instanceof TocsinError && error.code.startsWith('input.');
  process.stderr.write(`tocsin: ${printable(messageOf(error))}\n`);
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
