import { inject } from 'vitest';
import { available } from '../require.js';
import type { KafkaAddresses } from './broker.js';
import { KAFKA_HINT } from './jars.js';

async function ask(path: string): Promise<unknown> {
  const response = await fetch(`${inject('testKafkaDoor')}${path}`);
  const text = await response.text();
  if (!response.ok) throw new Error(`no Kafka for tests: ${text}`);
  return JSON.parse(text);
}

/**
 * Whether tests that need a broker can run here; says once how to enable them when not.
 * For `describe.skipIf(!(await hasKafka()))`.
 */
export async function hasKafka(): Promise<boolean> {
  return available('kafka', (await ask('/available')) === true, KAFKA_HINT);
}

/** Where no broker listens: the body of a suite that is skipped runs all the same. */
const NOWHERE: KafkaAddresses = { brokers: ['127.0.0.1:9'] };

/**
 * The test run's broker, or the one TOCSIN_TEST_KAFKA names (then without TLS and SASL). Shared:
 * give topics and groups names of your own, and never stop it. Where `hasKafka` says no, an
 * address at which nothing answers.
 */
export async function sharedKafka(): Promise<KafkaAddresses> {
  if ((await ask('/available')) !== true) return NOWHERE;
  return (await ask('/broker')) as KafkaAddresses;
}
