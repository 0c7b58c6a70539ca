import { randomUUID } from 'node:crypto';
import type { Contestant, ContestSetup } from './ingest-contest.js';
import { KPIS_PER_REPORT } from './ingest-reports.js';

/** A bare kafkajs consumer, as its documentation has it, that only parses every message. */
export async function baseline(setup: ContestSetup): Promise<Contestant> {
  const { Kafka } = (await import('kafkajs')).default;
  const kafka = new Kafka({ brokers: [...setup.brokers], clientId: 'bare', logLevel: 0 });
  const expected = setup.cells * setup.periods;
  return {
    prepare: async () => undefined,
    run: async () => {
      const consumer = kafka.consumer({ groupId: `bare-${randomUUID()}` });
      await consumer.connect();
      await consumer.subscribe({ topic: setup.topic, fromBeginning: true });
      let seen = 0;
      let cells = 0;
      await new Promise<void>((done, failed) => {
        consumer.on(consumer.events.CRASH, ({ payload }) => failed(payload.error));
        consumer
          .run({
            autoCommit: false,
            eachBatch: async ({ batch }) => {
              for (const { value } of batch.messages) {
                const report = JSON.parse(String(value)) as { cell?: string };
                if (report.cell !== undefined) cells++;
              }
              seen += batch.messages.length;
              if (seen >= expected) done();
            },
          })
          .catch(failed);
      });
      await consumer.disconnect();
      return cells * KPIS_PER_REPORT;
    },
  };
}
