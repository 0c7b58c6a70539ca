import { createServer } from 'node:http';
import type { TestProject } from 'vitest/node';
import { type KafkaAddresses, startKafka, type TestKafka } from './broker.js';
import { canStartKafka } from './jars.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** asked for the test broker's addresses; the broker starts with the first question */
    testKafkaDoor: string;
  }
}

let running: Promise<TestKafka> | undefined;

async function ask(path: string): Promise<unknown> {
  const given = process.env.TOCSIN_TEST_KAFKA ?? '';
  if (path === '/available') return given !== '' || (await canStartKafka());
  if (given !== '') return { brokers: given.split(',') } satisfies KafkaAddresses;
  running ??= startKafka({ secured: true });
  return running;
}

/** One Kafka broker for the whole test run, started with the first test that asks for it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const door = createServer((request, response) => {
    ask(request.url ?? '/').then(
      (answer) => response.end(JSON.stringify(answer)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((listening) => door.listen(0, '127.0.0.1', listening));
  const address = door.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  project.provide('testKafkaDoor', `http://127.0.0.1:${port}`);
  return async () => {
    door.closeAllConnections();
    door.close();
    const broker = await running?.catch(() => undefined);
    await broker?.stop();
  };
}
