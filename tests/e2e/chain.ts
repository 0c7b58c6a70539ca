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

/** Everything up and filled, the service not started yet. */
export async function openChain(): Promise<Chain> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-test-chain-'));
  const database = await testDatabase();
  const influx = await startInflux1();
  const gateway = await startSmsGateway({ ...ACCOUNT, seed: 3, segmentsPerSecond: 1_000 });
  const around = await surroundings(database, influx, gateway);
  const world = new SmallWorld(Date.now());
  await world.importInto(database.pool, SECRET);
  const operator = new Operator(world, around, influx);
  const service = new ServiceProcess(['--config', await writeConfig(folder, around)]);
  await operator.start();
  return {
    world,
    database,
    gateway,
    operator,
    service,
    async close() {
      await service.kill();
      await operator.stop();
      await gateway.stop();
      await influx.stop();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
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
