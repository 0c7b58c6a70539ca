import { onTestFinished } from 'vitest';
import { busFor, uniqueName } from './test-topics.js';

/** Reads a topic of a real broker from its start until the test ends; what came grows meanwhile. */
export function followTopic(
  brokers: readonly string[],
  topic: string,
): readonly { key: string; value: string }[] {
  const came: { key: string; value: string }[] = [];
  const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
  const consumer = busFor({ brokers }).consumer(
    { groupId: uniqueName('group'), topics: [topic] },
    {
      assigned: (partitions) => {
        for (const each of partitions) consumer.seek(each, 0);
      },
      revoked: () => undefined,
      batch: async ({ records, nextOffset, fetchedOffset }) => {
        for (const each of records) {
          for (let n = 0; n < each.count; n++) {
            if (each.offset(n) < fetchedOffset) continue;
            came.push({ key: text(each.key(n)), value: text(each.value(n)) });
          }
        }
        return nextOffset;
      },
      status: () => undefined,
    },
  );
  consumer.start();
  onTestFinished(() => consumer.stop());
  return came;
}
