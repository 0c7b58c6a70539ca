import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const MINUTE_MS = 60_000;

/** Jars that a pom names, and the name of their folder in the cache. */
export interface MavenJars {
  readonly pom: string;
  /** also of the property in the pom that holds the version: `NAME.version` */
  readonly name: string;
}

function runs(command: string, argument: string): boolean {
  return spawnSync(command, [argument], { stdio: 'ignore' }).status === 0;
}

async function folder({ pom, name }: MavenJars): Promise<string> {
  const text = await readFile(pom, 'utf8');
  const version = new RegExp(`<${name}\\.version>([^<]+)<`).exec(text)?.[1] ?? 'unknown';
  const cache = process.env.TOCSIN_CACHE ?? join(homedir(), '.cache', 'tocsin');
  return join(cache, name, version);
}

/** Whether they can be run here: Java, and either the jars or Maven to fetch them. */
export async function canRunJars(jars: MavenJars): Promise<boolean> {
  return runs('java', '-version') && (existsSync(await folder(jars)) || runs('mvn', '-version'));
}

/**
 * Their class path. Maven fetches the jars once, below `$TOCSIN_CACHE` or `~/.cache/tocsin`; they are
 * complete when their folder exists, since it is renamed last.
 */
export async function classPathOf(jars: MavenJars): Promise<string> {
  const target = await folder(jars);
  if (!existsSync(target)) {
    await mkdir(join(target, '..'), { recursive: true });
    const partial = await mkdtemp(`${target}.partial-`);
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${partial}`];
    const limit = { timeout: 5 * MINUTE_MS };
    await promisify(execFile)('mvn', ['-q', '-B', '-f', jars.pom, ...goal], limit);
    await rename(partial, target).catch(() => rm(partial, { recursive: true, force: true }));
  }
  return join(target, '*');
}
