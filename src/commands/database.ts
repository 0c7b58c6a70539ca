import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { startEmbeddedPostgres } from '../adapters/postgres/embedded.js';
import { migrate } from '../adapters/postgres/migrate.js';
import { databaseUrlFromEnvironment, loadConfig } from '../config.js';
import { TocsinError } from '../domain/errors.js';
import { writableFolder } from './output-folder.js';

/** Where the database is; without a URL it is the embedded one in `dataDir`. */
export interface DatabaseOptions {
  readonly url?: string | undefined;
  readonly phoneSecret?: string | undefined;
  /** default: `defaultDataDir()` */
  readonly dataDir?: string | undefined;
  readonly log?: ((line: string) => void) | undefined;
}

/** A migrated database that is ready for use. */
export interface OpenDatabase {
  readonly url: string;
  readonly phoneSecret: string;
  /** the embedded server's folder; undefined when the server is somebody else's */
  readonly dataDir: string | undefined;
  /** Stops the embedded server, if it is ours and nobody else uses it. */
  close(): Promise<void>;
}

/** Folder of the embedded database: user postgres must reach it, which /root does not allow. */
export function defaultDataDir(): string {
  return process.getuid?.() === 0 ? '/var/lib/tocsin' : join(homedir(), '.tocsin');
}

/** A database that may be away still, or lack a schema. */
export interface LocatedDatabase extends OpenDatabase {
  /** Brings its schema up to date. @throws TocsinError as `migrate`; may be called again */
  migrate(): Promise<void>;
}

/**
 * Says where the given database is, without a connection to it, or starts the embedded one.
 * @throws TocsinError `input.option` for a URL that is none, or a data folder that cannot be written;
 *   as `startEmbeddedPostgres`
 */
export async function locateDatabase(options: DatabaseOptions = {}): Promise<LocatedDatabase> {
  const dataDir = resolve(options.dataDir ?? defaultDataDir());
  const phoneSecret = options.phoneSecret ?? (await secretIn(dataDir));
  const migrated = (url: string) => async () => {
    await migrate(url);
  };
  if (options.url !== undefined) {
    const url = checkedUrl(options.url);
    const close = async (): Promise<void> => undefined;
    return { url, phoneSecret, dataDir: undefined, close, migrate: migrated(url) };
  }
  const log = options.log ?? (() => undefined);
  const server = await startEmbeddedPostgres({ dataDir, log });
  const { url } = server;
  return { url, phoneSecret, dataDir, close: () => server.stop(), migrate: migrated(url) };
}

/**
 * Opens the given database or starts the embedded one, and brings its schema up to date.
 * @throws TocsinError as `startEmbeddedPostgres` and `migrate`
 */
export async function openDatabase(options: DatabaseOptions = {}): Promise<OpenDatabase> {
  const database = await locateDatabase(options);
  try {
    await database.migrate();
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

/** What a command line says of the database. */
export interface DatabaseFlags {
  readonly database?: string | undefined;
  readonly config?: string | undefined;
}

/** `--database URL`, else TOCSIN_DATABASE_URL, else the config file's, else the embedded one. */
export function databaseFromFlags(flags: DatabaseFlags): DatabaseOptions {
  const config = flags.config === undefined ? undefined : loadConfig(flags.config).config;
  return {
    url: flags.database ?? databaseUrlFromEnvironment() ?? config?.database?.url,
    phoneSecret: config?.phoneSecret,
    dataDir: config?.dataDir,
  };
}

function checkedUrl(url: string): string {
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url)) return url;
  throw new TocsinError(
    'input.option',
    'the database URL is not valid, allowed: postgres://user:password@host:port/database',
  );
}

/** The secret of this installation, made once. Losing it unties opt-outs from their numbers. */
async function secretIn(dataDir: string): Promise<string> {
  const file = join(dataDir, 'phone-secret');
  const kept = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (kept !== '') return kept;
  writableFolder('data folder', dataDir);
  // whole or not at all: a half-written secret would be taken for the real one
  const fresh = `${file}.${process.pid}`;
  await writeFile(fresh, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
  await rename(fresh, file);
  return (await readFile(file, 'utf8')).trim();
}
