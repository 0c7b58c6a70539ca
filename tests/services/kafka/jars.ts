import { fileURLToPath } from 'node:url';
import { canRunJars, classPathOf } from '../maven-jars.js';

const JARS = { pom: fileURLToPath(new URL('./pom.xml', import.meta.url)), name: 'kafka' };

/** What a person does to enable tests that need a broker. */
export const KAFKA_HINT =
  'install Java 17 and Maven (apt-get install openjdk-17-jre-headless maven), or set TOCSIN_TEST_KAFKA=host:port';

/** Whether a broker can be started here. */
export function canStartKafka(): Promise<boolean> {
  return canRunJars(JARS);
}

/** The class path of broker and tools. */
export function kafkaClassPath(): Promise<string> {
  return classPathOf(JARS);
}
