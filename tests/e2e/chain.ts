import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SmsGateway, startSmsGateway } from '../../simulators/sms-gateway.js';
import { freePort } from '../../src/adapters/postgres/embedded.js';
import { TestTopics, uniqueName } from '../adapters/kafka/test-topics.js';
import { SECRET } from '../services/customers.js';
import { type Influx1, startInflux1 } from '../services/influx1.js';
import { sharedKafka } from '../services/kafka/shared.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';
import { type Surroundings, writeConfig } from './chain-config.js';
import { Operator } from './operator.js';
import { ServiceProcess } from './service-process.js';
import { SmallWorld } from './small-world.js';

const ACCOUNT = { accountSid: `AC${'0'.repeat(32)}`, authToken: 'a token for tests only' };

/** A service between real servers, and what it is given and takes. */
export interface Chain {
  readonly world: SmallWorld;
  readonly database: TestDatabase;
  readonly gateway: SmsGateway;
  readonly operator: Operator;
  readonly service: ServiceProcess;
  close(): Promise<void>;
}

/** Everything up and filled, the service not started yet. Cleans up after itself when it fails. */
export async function openChain(): Promise<Chain> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const each of closers.splice(0).reverse()) await each();
  };
  try {
    return { ...(await openParts((each) => void closers.push(each))), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openParts(
  atEnd: (close: () => Promise<unknown>) => void,
): Promise<Omit<Chain, 'close'>> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-test-chain-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  const database = await testDatabase();
  atEnd(() => database.close());
  const influx = await startInflux1();
  atEnd(() => influx.stop());
  const gateway = await startSmsGateway({ ...ACCOUNT, seed: 3, segmentsPerSecond: 1_000 });
  atEnd(() => gateway.stop());
  const around = await surroundings(database, influx, gateway);
  const world = new SmallWorld(Date.now());
  await world.importInto(database.pool, SECRET);
  const operator = new Operator(world, around, influx);
  const service = new ServiceProcess(['--config', await writeConfig(folder, around)]);
  atEnd(() => service.kill());
  await operator.start();
  atEnd(() => operator.stop());
  return { world, database, gateway, operator, service };
}

async function surroundings(
  database: TestDatabase,
  influx: Influx1,
  gateway: SmsGateway,
): Promise<Surroundings> {
  const { brokers } = await sharedKafka();
  const topics = new TestTopics(brokers);
  const name = uniqueName('chain').replaceAll('-', '_');
  await influx.manage(`CREATE DATABASE ${name}`);
  return {
    databaseUrl: database.url,
    port: await freePort(),
    brokers,
    topics: {
      kpi: await topics.create(2),
      alarms: await topics.create(),
      presence: await topics.create(),
      calls: await topics.create(),
    },
    groupId: uniqueName('group'),
    influx: { url: influx.url, database: name },
    gateway: { url: gateway.url, ...ACCOUNT },
    writeToken: 'token-of-the-network',
  };
}
