import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { loadYaml } from '../adapters/rules/load-yaml.js';
import { callerPath, loadConfig } from '../config.js';
import type { DryRun } from '../domain/dry-run.js';
import { MessageFile } from '../notify/message-file.js';
import type { SenderKind } from '../notify/policy-channels.js';
import {
  type LintFinding,
  lintTexts,
  previewTexts,
  type TextPreview,
} from '../notify/text-preview.js';
import { demoRules } from '../service/demo-rules.js';
import { smsSenderOf } from '../service/gateways.js';
import { loadRules, shippedRules } from '../service/rules.js';
import { findCharacter } from './text-place.js';
import { type DryRunFlags, dryRun, dryRunLines } from './texts-dry-run.js';

interface TextsFlags extends DryRunFlags {
  readonly rules?: string;
  readonly lint?: boolean;
  readonly json?: boolean;
}

interface PlacedFinding extends LintFinding {
  /** file:line:column of its first appearance in that text */
  readonly place: string;
}

const KINDS = ['onset', 'update', 'restored', 'overrun'] as const;

/** `tocsin texts`: every text of every channel with real values, its size and price; `--lint` what makes them dear. */
export function registerTexts(program: Command): void {
  program
    .command('texts')
    .description('shows every text with real values: encoding, segments, price')
    .option('--config <file>', 'configuration file of the service, for its rules')
    .option('--rules <folder>', 'folder of rules; default: of the configuration, else the shipped')
    .option(
      '--lint',
      'characters that force 70-character segments, where, and how else to spell them',
    )
    .option('--incident <id>', 'dry run: who would be told what of it, when, and who not and why')
    .option('--cells <ids>', 'dry run of an incident that might be: cells, or a file of them')
    .addOption(new Option('--kind <kind>', 'what is tried out').choices([...KINDS]))
    .option('--repair <time>', 'when the cells of --cells should be repaired; default not known')
    .option('--cause <kind>', 'kind of the cause of --cells, for limits of approval by cause')
    .option('--database <url>', 'default: TOCSIN_DATABASE_URL, else the config file, else embedded')
    .option('--json', 'print one JSON document')
    .action(run);
}

async function run(flags: TextsFlags): Promise<void> {
  const folder = folderOf(flags);
  const rules = loadRules(folder, undefined, senderOf(flags));
  if (flags.incident !== undefined || flags.cells !== undefined) {
    const isDemo = flags.config === undefined && flags.rules === undefined;
    const found = await dryRun(flags, isDemo ? demoRules(rules) : rules);
    print(flags, found, dryRunLines(found));
    return;
  }
  if (flags.lint === true) {
    const files = messageFiles(folder);
    const findings = files.flatMap(({ path, file }) =>
      lintTexts(file, rules.policy).map((each) => ({
        ...each,
        place: findCharacter(path, each.name, each.character),
      })),
    );
    print(
      flags,
      findings,
      findings.length === 0 ? ['every text fits GSM-7'] : findings.map(lintLine),
    );
    if (findings.some(({ isRespelt }) => !isRespelt)) process.exitCode = 1;
    return;
  }
  const { texts, policy } = rules;
  const previews = texts.languages.flatMap((language) => previewTexts(texts, language, policy));
  const { currency } = policy.budget;
  print(
    flags,
    previews,
    previews.map((each) => previewLine(each, currency)),
  );
}

function folderOf({ config, rules }: TextsFlags): string {
  if (rules !== undefined) return callerPath(rules);
  return (config === undefined ? undefined : loadConfig(config).config.rules) ?? shippedRules;
}

/** What the configured gateway sends from; without a configuration a short code. */
function senderOf({ config }: TextsFlags): SenderKind | undefined {
  if (config === undefined) return undefined;
  const { gateway } = loadConfig(config).config;
  return gateway === undefined ? undefined : smsSenderOf(gateway);
}

function messageFiles(folder: string): { path: string; file: MessageFile }[] {
  const messages = join(folder, 'messages');
  return readdirSync(messages)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(messages, name))
    .map((path) => ({ path, file: loadYaml(path, MessageFile) }));
}

function previewLine(preview: TextPreview, currency: string): string {
  const { language, channel, name, variant, title, text, price } = preview;
  const shown = title === null ? text : `${title} | ${text}`;
  return `${language} ${channel} ${name} (${variant}): ${sizeLine(preview)}, ${price.toFixed(3)} ${currency}\n  ${shown}`;
}

function sizeLine({ channel, text, encoding, units, segments }: TextPreview): string {
  if (channel !== 'sms') return `${text.length} characters`;
  return `${encoding}, ${units} units, ${segments} segment${segments === 1 ? '' : 's'}`;
}

function lintLine({ place, character, codePoint, spelling, isRespelt }: PlacedFinding): string {
  const shown = `${place}: "${character}" (${codePoint}) forces UCS-2`;
  if (spelling === null) return `${shown}; GSM-7 has no spelling for it`;
  return isRespelt
    ? `${shown} and is written "${spelling}"`
    : `${shown}; write "${spelling}" instead`;
}

function print(
  { json }: TextsFlags,
  document: readonly (TextPreview | PlacedFinding)[] | DryRun,
  lines: readonly string[],
): void {
  process.stdout.write(
    json === true ? `${JSON.stringify(document, null, 2)}\n` : `${lines.join('\n')}\n`,
  );
}
