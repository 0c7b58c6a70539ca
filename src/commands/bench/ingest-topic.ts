import type { Kafka } from 'kafkajs';
import type { ContestSetup } from './ingest-contest.js';
import { cellName, reportJson } from './ingest-reports.js';

type Topic = Omit<ContestSetup, 'role'>;

const PER_WRITE = 5000;

async function connect({ brokers }: Topic): Promise<Kafka> {
  const { Kafka } = (await import('kafkajs')).default;
  return new Kafka({ brokers: [...brokers], clientId: 'bench', logLevel: 0 });
}

/** Makes the topic and writes every cell's report of every period, keyed by cell. */
export async function fillTopic(topic: Topic): Promise<void> {
  const kafka = await connect(topic);
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({
    topics: [{ topic: topic.topic, numPartitions: topic.partitions }],
    waitForLeaders: true,
  });
  await admin.disconnect();
  const producer = kafka.producer();
  await producer.connect();
  for (let period = 0; period < topic.periods; period++) {
    for (let from = 0; from < topic.cells; from += PER_WRITE) {
      const count = Math.min(PER_WRITE, topic.cells - from);
      const messages = Array.from({ length: count }, (_, i) => {
        const cell = from + i;
        const partition = cell % topic.partitions;
        return { key: cellName(cell), value: reportJson(cell, period), partition };
      });
      await producer.send({ topic: topic.topic, messages });
    }
  }
  await producer.disconnect();
}

export async function removeTopic(topic: Topic): Promise<void> {
  const admin = (await connect(topic)).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [topic.topic] });
  await admin.disconnect();
}
