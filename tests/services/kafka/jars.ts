import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const POM = fileURLToPath(new URL('./pom.xml', import.meta.url));
const MINUTE_MS = 60_000;

/** What a person does to enable tests that need a broker. */
export const KAFKA_HINT =
  'install Java 17 and Maven (apt-get install openjdk-17-jre-headless maven), or set TOCSIN_TEST_KAFKA=host:port';

function runs(command: string, argument: string): boolean {
  return spawnSync(command, [argument], { stdio: 'ignore' }).status === 0;
}

async function folder(): Promise<string> {
  const version = /<kafka\.version>([^<]+)</.exec(await readFile(POM, 'utf8'))?.[1] ?? 'unknown';
  const cache = process.env.TOCSIN_CACHE ?? join(homedir(), '.cache', 'tocsin');
  return join(cache, 'kafka', version);
}

/** Whether a broker can be started here: Java, and either the jars or Maven to fetch them. */
export async function canStartKafka(): Promise<boolean> {
  return runs('java', '-version') && (existsSync(await folder()) || runs('mvn', '-version'));
}

/**
 * The class path of broker and tools. Maven fetches the jars once, into `$TOCSIN_CACHE/kafka` or
 * `~/.cache/tocsin/kafka`; they are complete when their folder exists, since it is renamed last.
 */
export async function kafkaClassPath(): Promise<string> {
  const target = await folder();
  if (!existsSync(target)) {
    await mkdir(join(target, '..'), { recursive: true });
    const partial = await mkdtemp(`${target}.partial-`);
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${partial}`];
    await promisify(execFile)('mvn', ['-q', '-B', '-f', POM, ...goal], { timeout: 5 * MINUTE_MS });
    await rename(partial, target).catch(() => rm(partial, { recursive: true, force: true }));
  }
  return join(target, '*');
}
