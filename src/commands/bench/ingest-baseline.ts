import { randomUUID } from 'node:crypto';
import type { Contestant, ContestSetup } from './ingest-contest.js';
import { KPIS_PER_REPORT } from './ingest-reports.js';

/** A bare kafkajs consumer, as its documentation has it, that only parses every message. */
export async function baseline(setup: ContestSetup): Promise<Contestant> {
  const { Kafka } = (await import('kafkajs')).default;
  const kafka = new Kafka({ brokers: [...setup.brokers], clientId: 'bare', logLevel: 0 });
  const consumer = kafka.consumer({ groupId: `bare-${randomUUID()}` });
  const expected = setup.cells * setup.periods;
  const partitions = Array.from({ length: setup.partitions }, (_, partition) => partition);
  let seen = 0;
  let cells = 0;
  let done: () => void = () => undefined;
  await consumer.connect();
  await consumer.subscribe({ topic: setup.topic, fromBeginning: true });
  const joined = new Promise<void>((resolve) =>
    consumer.on(consumer.events.GROUP_JOIN, () => resolve()),
  );
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      for (const { value } of batch.messages) {
        const report = JSON.parse(String(value)) as { cell?: string };
        if (report.cell !== undefined) cells++;
      }
      seen += batch.messages.length;
      if (seen >= expected) done();
    },
  });
  await joined;
  consumer.pause([{ topic: setup.topic }]);
  return {
    prepare: async () => {
      for (const partition of partitions) {
        consumer.seek({ topic: setup.topic, partition, offset: '0' });
      }
      seen = 0;
      cells = 0;
    },
    run: async () => {
      const finished = new Promise<void>((resolve) => {
        done = resolve;
      });
      consumer.resume([{ topic: setup.topic }]);
      await finished;
      consumer.pause([{ topic: setup.topic }]);
      return cells * KPIS_PER_REPORT;
    },
  };
}
