import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createKeyStore, STORE_PASSWORD } from '../key-store.js';
import { kafkaClassPath } from './jars.js';

/** User and password of the SASL listeners, for PLAIN and both SCRAM mechanisms. */
export const SASL_USER = { username: 'tocsin', password: 'correct-horse' } as const;

/** Where a broker listens; the last four only with `secured`. `ca` is PEM. */
export interface KafkaAddresses {
  readonly brokers: string[];
  readonly ssl?: string;
  readonly sasl?: string;
  readonly saslSsl?: string;
  readonly ca?: string;
}

/** A broker of one's own. */
export interface TestKafka extends KafkaAddresses {
  /** ends the broker as a crash or an upgrade would; its data stays */
  halt(): Promise<void>;
  /** starts it again on the same ports and data */
  resume(): Promise<void>;
  /** ends it and removes its data */
  stop(): Promise<void>;
}

const START_MS = 60_000;
const LISTENERS = ['CONTROLLER', 'PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const;
/** Broker in the background; it dies when the pipe from the parent closes, however that ends. */
const GUARD = '"$@" & child=$!; cat >/dev/null; kill -TERM $child 2>/dev/null; wait $child';

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((found, failed) => {
          server.once('error', failed);
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            found(address !== null && typeof address === 'object' ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

function properties(folder: string, urls: readonly string[], controller: string): string[] {
  const login = 'org.apache.kafka.common.security';
  const { username, password } = SASL_USER;
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@${controller}`,
    'controller.listener.names=CONTROLLER',
    'inter.broker.listener.name=PLAINTEXT',
    `listeners=${urls.join(',')}`,
    `advertised.listeners=${urls.slice(1).join(',')}`,
    `listener.security.protocol.map=CONTROLLER:PLAINTEXT,${LISTENERS.slice(1).map((name) => `${name}:${name}`)}`,
    `log.dirs=${join(folder, 'log')}`,
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=1',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'transaction.state.log.num.partitions=1',
    'group.initial.rebalance.delay.ms=0',
    'group.min.session.timeout.ms=1000',
    'auto.create.topics.enable=false',
    'message.max.bytes=20971520',
    'replica.fetch.max.bytes=20971520',
    'socket.request.max.bytes=104857600',
    'log.cleaner.enable=false',
    'num.network.threads=2',
    'num.io.threads=2',
    'sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    ...['sasl_plaintext', 'sasl_ssl'].flatMap((listener) => [
      `listener.name.${listener}.plain.sasl.jaas.config=${login}.plain.PlainLoginModule required user_${username}="${password}";`,
      `listener.name.${listener}.scram-sha-256.sasl.jaas.config=${login}.scram.ScramLoginModule required;`,
      `listener.name.${listener}.scram-sha-512.sasl.jaas.config=${login}.scram.ScramLoginModule required;`,
    ]),
  ];
}

function keyStoreProperties(path: string): string[] {
  return [
    `ssl.keystore.location=${path}`,
    'ssl.keystore.type=PKCS12',
    `ssl.keystore.password=${STORE_PASSWORD}`,
    `ssl.key.password=${STORE_PASSWORD}`,
  ];
}

async function format(classPath: string, config: string): Promise<void> {
  const { username, password } = SASL_USER;
  const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
    '--add-scram',
    `${mechanism}=[name=${username},password=${password}]`,
  ]);
  const cluster = ['-t', 'MkU3OEVBNTcwNTJENDM2Qg', '-c', config];
  const main = ['-cp', classPath, 'kafka.tools.StorageTool', 'format'];
  await promisify(execFile)('java', [
    '-Xmx128m',
    '-XX:TieredStopAtLevel=1',
    ...main,
    ...cluster,
    ...scram,
  ]);
}

async function answers(port: number): Promise<boolean> {
  return new Promise((known) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => socket.destroy() && known(true));
    socket.once('error', () => known(false));
  });
}

class Broker {
  readonly #folder: string;
  readonly #command: string[];
  readonly #port: number;
  #child: ChildProcess | undefined;

  constructor(folder: string, classPath: string, port: number) {
    this.#folder = folder;
    this.#port = port;
    const quiet = `-Dorg.slf4j.simpleLogger.defaultLogLevel=warn`;
    const heap = ['-Xms128m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
    const config = join(folder, 'server.properties');
    this.#command = ['java', ...heap, quiet, '-cp', classPath, 'kafka.Kafka', config];
  }

  async start(): Promise<void> {
    const child = spawn('sh', ['-c', GUARD, 'sh', ...this.#command], {
      stdio: ['pipe', 'ignore', 'pipe'],
      cwd: this.#folder,
    });
    this.#child = child;
    let said = '';
    child.stderr.on('data', (text: Buffer) => {
      said = (said + text.toString()).slice(-4000);
    });
    const deadline = Date.now() + START_MS;
    while (!(await answers(this.#port))) {
      if (child.exitCode !== null || Date.now() > deadline) {
        await this.end();
        throw new Error(`Kafka did not start: ${said}`);
      }
      await delay(100);
    }
  }

  async end(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((done) => child.once('close', done));
    child.stdin?.end();
    await ended;
  }

  async remove(): Promise<void> {
    await this.end();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/**
 * Starts a real Apache Kafka broker in KRaft mode on free loopback ports, with its data in a
 * temporary folder. Topics are not created by use.
 *
 * @param options.secured adds TLS and SASL listeners with a throwaway certificate
 * @throws Error with the broker's last words when it does not come up
 */
export async function startKafka(options: { secured?: boolean } = {}): Promise<TestKafka> {
  const classPath = await kafkaClassPath();
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-test-kafka-'));
  const names = options.secured ? LISTENERS : LISTENERS.slice(0, 2);
  const ports = await freePorts(names.length);
  const hosts = ports.map((port) => `127.0.0.1:${port}`);
  const urls = names.map((name, i) => `${name}://${hosts[i]}`);
  const config = join(folder, 'server.properties');
  const broker = new Broker(folder, classPath, ports[1] ?? 0);
  try {
    await writeFile(config, properties(folder, urls, hosts[0] ?? '').join('\n'));
    const keys = options.secured ? await createKeyStore(folder) : undefined;
    if (keys) await appendFile(config, `\n${keyStoreProperties(keys.path).join('\n')}`);
    await format(classPath, config);
    await broker.start();
    const [, plain = '', ssl, sasl, saslSsl] = hosts;
    return {
      brokers: [plain],
      ...(ssl && sasl && saslSsl && keys ? { ssl, sasl, saslSsl, ca: keys.ca } : {}),
      halt: () => broker.end(),
      resume: () => broker.start(),
      stop: () => broker.remove(),
    };
  } catch (error) {
    await broker.remove();
    throw error;
  }
}
