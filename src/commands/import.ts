import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { type FileImportReport, importFile } from '../adapters/postgres/import-file.js';
import {
  type ImportFormat,
  type ImportKindName,
  importFormats,
  importKinds,
} from '../adapters/postgres/import-kinds.js';
import { createPool } from '../adapters/postgres/pool.js';
import { callerPath, loadConfig } from '../config.js';
import { messageOf, TocsinError } from '../domain/errors.js';
import { loadRules, type Rules } from '../service/rules.js';
import { databaseFromFlags, openDatabase } from './database.js';

interface ImportFlags {
  readonly database?: string;
  readonly config?: string;
  readonly region: string;
  readonly zone: string;
  readonly complete?: boolean;
  readonly format?: string;
  readonly json?: boolean;
}

/** `tocsin import KIND FILE.csv`. */
export function registerImport(program: Command): void {
  program
    .command('import')
    .description('loads a CSV file into the database; importing it again updates in place')
    .argument('<kind>', importKinds.join(', '))
    .argument('<file>', 'CSV with a header line; rejects go to FILE.rejects.csv')
    .option('--database <url>', 'default: TOCSIN_DATABASE_URL, else the config file, else embedded')
    .option('--config <file>', 'configuration file of the service')
    .option('--region <code>', 'country of phone numbers without a country code', 'FR')
    .option('--zone <zone>', 'time zone of times without an offset', 'UTC')
    .option(
      '--format <name>',
      `columns as another system has them, single: a call a row: ${importFormats.join(', ')}`,
    )
    .option('--complete', 'the file is the whole inventory: rows it lacks end now')
    .option('--json', 'print one JSON document')
    .action(runImport);
}

async function runImport(kind: string, file: string, flags: ImportFlags): Promise<void> {
  const name = importKinds.find((each) => each === kind);
  if (name === undefined) {
    throw new TocsinError(
      'input.option',
      `cannot import "${kind}", allowed: ${importKinds.join(', ')}`,
    );
  }
  const path = callerPath(file);
  // before a database is made for nothing
  await access(path, constants.R_OK).catch((error: unknown) => {
    throw new TocsinError('input.file', `${path}: cannot be read: ${messageOf(error)}`);
  });
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const database = await openDatabase({ ...databaseFromFlags(flags), log });
  const pool = createPool(database.url, { max: 2, applicationName: 'tocsin-import' });
  try {
    const report = await importing(
      name,
      path,
      { ...flags, phoneSecret: database.phoneSecret },
      pool,
    );
    print(report, flags.json === true);
  } finally {
    await pool.end();
    await database.close();
  }
}

async function importing(
  name: ImportKindName,
  path: string,
  flags: ImportFlags & { readonly phoneSecret: string },
  pool: ReturnType<typeof createPool>,
): Promise<FileImportReport> {
  const bar = process.stderr.isTTY
    ? new SingleBar({
        format: `${name} [{bar}] {percentage}% {eta_formatted}`,
        stream: process.stderr,
      })
    : undefined;
  let isStarted = false;
  try {
    return await importFile(pool, name, path, {
      phoneSecret: flags.phoneSecret,
      region: flags.region,
      zone: flags.zone,
      isComplete: flags.complete === true,
      // what tells phones of other networks is said by the rules
      ...(name === 'presence' ? { visitors: rulesOf(flags.config).impact.visitors } : {}),
      ...formatOf(flags.format),
      onResume: (line) =>
        process.stderr.write(
          `goes on after line ${line}, as far as it came when it was cut short\n`,
        ),
      onProgress: (read, total) => {
        if (!isStarted) bar?.start(total, 0);
        isStarted = true;
        bar?.update(read);
      },
    });
  } finally {
    bar?.stop();
  }
}

function rulesOf(config: string | undefined): Rules {
  return loadRules(config === undefined ? undefined : loadConfig(config).config.rules);
}

function formatOf(given: string | undefined): { format?: ImportFormat } {
  if (given === undefined) return {};
  const format = importFormats.find((each) => each === given);
  if (format !== undefined) return { format };
  throw new TocsinError(
    'input.option',
    `--format was "${given}", allowed: ${importFormats.join(', ')}`,
  );
}

function print(report: FileImportReport, isJson: boolean): void {
  if (isJson) {
    process.stdout.write(`${JSON.stringify(report)}\n`);
    return;
  }
  const { rows, inserted, updated, unchanged, rejected } = report;
  process.stdout.write(
    `${report.kind}: ${rows} rows, ${inserted} new, ${updated} updated, ${unchanged} unchanged, ${rejected} rejected\n`,
  );
  for (const { line, reason } of report.firstRejects) {
    process.stdout.write(`  line ${line}: ${reason}\n`);
  }
  if (report.rejectsFile !== undefined) {
    process.stdout.write(`  all rejects: ${report.rejectsFile}\n`);
  }
}
