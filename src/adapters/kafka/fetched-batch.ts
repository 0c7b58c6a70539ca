import type { Batch, KafkaMessage } from 'kafkajs';
import type { FetchedBatch, Records } from './ports.js';
import { carriedRecords } from './record-batches.js';

/** What kafkajs knows of a batch and does not declare. */
interface UntypedBatch {
  readonly fetchedOffset?: string;
}

/** One record of the old message format, which kafkajs decodes by itself. */
function single(message: KafkaMessage): Records {
  const offset = Number(message.offset);
  return {
    count: 1,
    lastOffset: offset,
    bytes: message.value?.length ?? 0,
    offset: () => offset,
    key: () => message.key ?? undefined,
    value: () => message.value ?? undefined,
    header: (_, name) => {
      const found = message.headers?.[name];
      const first = Array.isArray(found) ? found[0] : found;
      return first === undefined ? undefined : Buffer.from(first);
    },
  };
}

/** A batch of kafkajs as the adapters want it. */
export function batchOf(batch: Batch): FetchedBatch {
  const { fetchedOffset } = batch as UntypedBatch;
  return {
    topic: batch.topic,
    partition: batch.partition,
    fetchedOffset: Number(fetchedOffset ?? batch.firstOffset() ?? 0),
    nextOffset: Number(batch.lastOffset()) + 1,
    endOffset: Number(batch.highWatermark),
    records: batch.messages.map((message) => carriedRecords(message) ?? single(message)),
  };
}
