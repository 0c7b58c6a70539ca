import { createRequire } from 'node:module';
import type * as KafkaJs from 'kafkajs';
import { messageOf, TocsinError } from '../../domain/errors.js';
import { type KafkaCodec, kafkaCodecs } from './codecs.js';
import type { Records } from './ports.js';
import { RecordSet } from './record-set.js';

/** Where kafkajs has the decoder that is replaced. */
const DECODER = 'kafkajs/src/protocol/recordBatch/v0/decoder';
const SUPPORTED = '2.2.4';

/** Offset and length, which stand in front of what the length counts. */
const PREFIX = 12;
/** Places in a record batch of format v2. */
const AT = {
  length: 8,
  attributes: 21,
  lastOffsetDelta: 23,
  producerId: 43,
  count: 57,
  records: 61,
};
const CODEC_BITS = 0x07;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

/** kafkajs's reader of a fetch response, as far as it is used here. */
interface FetchDecoder {
  readonly buffer: Buffer;
  offset: number;
}

type BatchDecoder = (decoder: FetchDecoder) => Promise<{ records: readonly unknown[] }>;

/** What stands for a whole record batch among kafkajs's messages. */
interface Carrier {
  readonly offset: string;
  /** of a control record, by which kafkajs knows the end of an aborted transaction */
  readonly key: Uint8Array | null;
  readonly value: null;
  readonly headers: Record<string, never>;
  /** false for control records as well, so that they move the offset like any other batch */
  readonly isControlRecord: false;
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean };
  readonly records: Records;
}

/**
 * Loads kafkajs with another decoder of record batches. Its own makes some ten objects per record
 * and stops for ever at a batch that does not unpack; ours hands over a batch as one message that
 * carries `Records`, and one that cannot be read as `unreadable`. Everything that kafkajs decides
 * by whole batches (offsets, aborted transactions) works as before.
 *
 * @throws TocsinError `internal` when another version of kafkajs is installed
 */
export function loadKafkaJs(): typeof KafkaJs {
  const require = createRequire(import.meta.url);
  const { version } = require('kafkajs/package.json') as { version: string };
  if (version !== SUPPORTED) {
    throw new TocsinError('internal', `kafkajs ${version} is installed, written for ${SUPPORTED}`);
  }
  const original = require(DECODER) as BatchDecoder;
  const module = require.cache[require.resolve(DECODER)];
  const codecs = kafkaCodecs();
  if (module) module.exports = batchDecoder(original, codecs);
  const kafkajs = require('kafkajs') as typeof KafkaJs;
  Object.assign(
    kafkajs.CompressionCodecs,
    Object.fromEntries([...codecs].map(([number, codec]) => [number, () => codec])),
  );
  return kafkajs;
}

/** The records that a message of kafkajs carries; undefined for one from its own decoder. */
export function carriedRecords(message: unknown): Records | undefined {
  return (message as Partial<Carrier>).records;
}

function batchDecoder(
  original: BatchDecoder,
  codecs: ReadonlyMap<number, KafkaCodec>,
): BatchDecoder {
  return async (decoder) => {
    const { buffer, offset } = decoder;
    const end = offset + PREFIX + buffer.readInt32BE(offset + AT.length);
    if (end > buffer.length || end < offset + AT.records) return original(decoder);
    decoder.offset = end;
    const batch = buffer.subarray(offset, end);
    return { records: [carry(batch, await unpack(batch, codecs))] };
  };
}

function carry(batch: Buffer, records: Records): Carrier {
  const attributes = batch.readInt16BE(AT.attributes);
  const isControl = (attributes & CONTROL) !== 0;
  return {
    offset: String(records.lastOffset),
    key: isControl ? (records.key(0) ?? null) : null,
    value: null,
    headers: {},
    isControlRecord: false,
    batchContext: {
      producerId: String(batch.readBigInt64BE(AT.producerId)),
      inTransaction: (attributes & TRANSACTIONAL) !== 0,
    },
    records: isControl ? noRecords(records.lastOffset, batch) : records,
  };
}

async function unpack(batch: Buffer, codecs: ReadonlyMap<number, KafkaCodec>): Promise<Records> {
  const firstOffset = Number(batch.readBigInt64BE(0));
  const lastOffset = firstOffset + batch.readInt32BE(AT.lastOffsetDelta);
  const count = batch.readInt32BE(AT.count);
  const packed = batch.subarray(AT.records);
  try {
    const number = batch.readInt16BE(AT.attributes) & CODEC_BITS;
    const codec = codecs.get(number);
    if (number !== 0 && !codec) throw new RangeError(`codec ${number} is unknown`);
    const bytes = codec ? await codec.decompress(packed) : packed;
    return new RecordSet(bytes, firstOffset, lastOffset, count);
  } catch (error) {
    return unreadable(lastOffset, error, packed);
  }
}

function unreadable(lastOffset: number, error: unknown, bytes: Uint8Array): Records {
  const isTooLarge = error instanceof TocsinError && error.code === 'input.tooLarge';
  const reason = isTooLarge ? 'payload.tooLarge' : 'payload.malformed';
  return {
    ...noRecords(lastOffset, bytes),
    unreadable: { reason, detail: messageOf(error), bytes },
  };
}

function noRecords(lastOffset: number, bytes: Uint8Array): Records {
  const none = (): undefined => undefined;
  const offset = (): number => lastOffset;
  return {
    count: 0,
    lastOffset,
    bytes: bytes.length,
    offset,
    key: none,
    value: none,
    header: none,
  };
}
