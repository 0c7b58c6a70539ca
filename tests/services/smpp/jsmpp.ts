import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createKeyStore } from '../key-store.js';
import { canRunJars, classPathOf } from '../maven-jars.js';
import { available } from '../require.js';

const JARS = { pom: fileURLToPath(new URL('./pom.xml', import.meta.url)), name: 'jsmpp' };
const KEYS = { name: 'keystore', password: 'password' };
const START_MS = 60_000;
/** It dies when the pipe from the parent closes, however that ends. */
const GUARD = '"$@" & child=$!; cat >/dev/null; kill -TERM $child 2>/dev/null; wait $child';

/** jsmpp's server simulator: a second, independent reading of SMPP. */
export interface JsmppServer {
  readonly port: number;
  /** with TLS: its certificate, PEM */
  readonly ca: string | undefined;
  /** what it has logged so far */
  said(): string;
  stop(): Promise<void>;
}

/** The one account it knows. */
export const JSMPP_ACCOUNT = { systemId: 'j', password: 'jpwd' } as const;

/** Whether it can run here; says once how to enable it when not. */
export async function hasJsmpp(): Promise<boolean> {
  const hint = 'install Java 17 and Maven (apt-get install openjdk-17-jre-headless maven)';
  return available('jsmpp', await canRunJars(JARS), hint);
}

/**
 * Starts `org.jsmpp.examples.SMPPServerSimulator` on a free loopback port. It takes transceivers only,
 * answers in hexadecimal ids, and a second later reports each message delivered under the decimal one.
 * @throws Error with its last words when it does not come up
 */
export async function startJsmpp(options: { tls?: boolean } = {}): Promise<JsmppServer> {
  const classPath = await classPathOf(JARS);
  const port = await freePort();
  const settings = [
    `-Djsmpp.simulator.port=${port}`,
    `-Djsmpp.simulator.ssl=${options.tls === true}`,
  ];
  const frugal = ['-Xmx64m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  const main = 'org.jsmpp.examples.SMPPServerSimulator';
  const command = ['java', ...frugal, ...settings, '-cp', classPath, main];
  // it looks for its keys where it is started
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-test-jsmpp-'));
  const keys = options.tls ? await createKeyStore(folder, KEYS) : undefined;
  const child = spawn('sh', ['-c', GUARD, 'sh', ...command], {
    stdio: ['pipe', 'ignore', 'pipe'],
    cwd: folder,
  });
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  let said = '';
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  await new Promise<void>((up, failed) => {
    const fail = (): void => failed(new Error(`jsmpp did not start: ${said.slice(-2000)}`));
    const limit = setTimeout(() => void stop().then(fail), START_MS);
    child.once('close', fail);
    child.stderr.on('data', (text: Buffer) => {
      said += text.toString();
      if (!said.includes('Listening on port')) return;
      clearTimeout(limit);
      up();
    });
  });
  return { port, ca: keys?.ca, said: () => said, stop };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return address !== null && typeof address === 'object' ? address.port : 0;
}
