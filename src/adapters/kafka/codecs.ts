import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import snappyCodec from 'kafkajs-snappy';
import { compressFrame, decompressFrameSync } from 'lz4-napi';
import { TocsinError } from '../../domain/errors.js';
import { lz4Bound, snappyBound, zstdWindow } from './codec-bounds.js';

/** A codec as kafkajs calls it. */
export interface KafkaCodec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(bytes: Buffer): Promise<Buffer>;
}

/** Numbers of the codecs in a batch's attributes (KIP-110). */
export const CODEC = { gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;

/**
 * A batch that unpacks to more is a bomb: brokers limit the packed size to 1 MB by default, and
 * text that packs 60 to 1 is rare. Raising it raises the memory one fetch may take.
 */
export const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;

const gzipAsync = promisify(gzip);
const gunzipAsync = promisify(gunzip);

function refuse(size: number): void {
  if (size <= MAX_UNPACKED_BYTES) return;
  throw new TocsinError(
    'input.tooLarge',
    `a record batch unpacks to ${size} bytes: allowed are ${MAX_UNPACKED_BYTES}`,
  );
}

const gzipCodec: KafkaCodec = {
  compress: ({ buffer }) => gzipAsync(buffer),
  decompress: async (bytes) => {
    try {
      return await gunzipAsync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES });
    } catch (error) {
      if (error instanceof RangeError) refuse(Number.POSITIVE_INFINITY);
      throw error;
    }
  },
};

const lz4Codec: KafkaCodec = {
  compress: ({ buffer }) => compressFrame(buffer),
  decompress: async (bytes) => {
    refuse(lz4Bound(bytes));
    return decompressFrameSync(bytes);
  },
};

function unzstd(bytes: Buffer): Buffer {
  refuse(zstdWindow(bytes));
  const parts: Uint8Array[] = [];
  let size = 0;
  const stream = new Decompress((part) => {
    size += part.length;
    refuse(size);
    parts.push(part);
  });
  stream.push(bytes, true);
  return Buffer.concat(parts, size);
}

const zstdCodec: KafkaCodec = {
  compress: async () => {
    throw new TocsinError('internal', 'zstd is read, not written: use gzip, snappy or lz4');
  },
  decompress: async (bytes) => unzstd(bytes),
};

function boundedSnappy(): KafkaCodec {
  const snappy = snappyCodec();
  return {
    compress: (encoder) => snappy.compress(encoder),
    decompress: (bytes) => {
      refuse(snappyBound(bytes));
      return snappy.decompress(bytes);
    },
  };
}

/**
 * Codec by its number: gzip, snappy and lz4 both ways, zstd for reading. Unpacking rejects with
 * `input.tooLarge` before it takes more than `MAX_UNPACKED_BYTES`.
 */
export function kafkaCodecs(): ReadonlyMap<number, KafkaCodec> {
  return new Map([
    [CODEC.gzip, gzipCodec],
    [CODEC.snappy, boundedSnappy()],
    [CODEC.lz4, lz4Codec],
    [CODEC.zstd, zstdCodec],
  ]);
}
