import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { lz4Bound, snappyBound, zstdWindow } from '../../../src/adapters/kafka/codec-bounds.js';
import { CODEC, kafkaCodecs, MAX_UNPACKED_BYTES } from '../../../src/adapters/kafka/codecs.js';

const codecs = kafkaCodecs();
const text = Buffer.from('a report of a cell, '.repeat(5000));
const TOO_LARGE = { code: 'input.tooLarge' };

test.each([
  ['gzip', CODEC.gzip],
  ['snappy', CODEC.snappy],
  ['lz4', CODEC.lz4],
])('%s gives back what it packed', async (_, number) => {
  const codec = codecs.get(number);
  const packed = await codec?.compress({ buffer: text });
  expect(packed?.length).toBeLessThan(text.length / 5);
  expect((await codec?.decompress(packed ?? Buffer.alloc(0)))?.equals(text)).toBe(true);
});

/** One frame with a 4 MiB window and `blocks` run-length blocks of 128 KiB (RFC 8878, 3.1.1). */
function zstdRuns(blocks: number): Buffer {
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 12 << 3]);
  const size = 128 * 1024;
  const block = (isLast: number): Buffer => {
    const header = isLast | (1 << 1) | (size << 3);
    return Buffer.from([header & 0xff, (header >> 8) & 0xff, (header >> 16) & 0xff, 0x2a]);
  };
  return Buffer.concat([
    head,
    ...Array.from({ length: blocks }, (_, i) => block(+(i === blocks - 1))),
  ]);
}

test('zstd is read, and not written', async () => {
  const codec = codecs.get(CODEC.zstd);
  const unpacked = await codec?.decompress(zstdRuns(3));
  expect(unpacked?.equals(Buffer.alloc(3 * 128 * 1024, 0x2a))).toBe(true);
  await expect(codec?.compress({ buffer: text })).rejects.toThrow('zstd is read, not written');
});

test('refuses what unpacks to more than is allowed, before it does', async () => {
  const bomb = Buffer.alloc(MAX_UNPACKED_BYTES + 1);
  await expect(codecs.get(CODEC.gzip)?.decompress(gzipSync(bomb))).rejects.toMatchObject(TOO_LARGE);
  const lz4 = codecs.get(CODEC.lz4);
  const packed = await lz4?.compress({ buffer: bomb });
  await expect(lz4?.decompress(packed ?? bomb)).rejects.toMatchObject(TOO_LARGE);
  const blocks = MAX_UNPACKED_BYTES / (128 * 1024) + 1;
  await expect(codecs.get(CODEC.zstd)?.decompress(zstdRuns(blocks))).rejects.toMatchObject(
    TOO_LARGE,
  );
  const claimsGigabyte = Buffer.from([0x80, 0x80, 0x80, 0x80, 0x04, 0]);
  const snappy = async () => codecs.get(CODEC.snappy)?.decompress(claimsGigabyte);
  await expect(snappy()).rejects.toMatchObject(TOO_LARGE);
  const claimsWindow = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8, 0x01, 0x00, 0x00]);
  await expect(codecs.get(CODEC.zstd)?.decompress(claimsWindow)).rejects.toMatchObject(TOO_LARGE);
});

test('bounds follow the formats', async () => {
  const lz4 = await codecs.get(CODEC.lz4)?.compress({ buffer: text });
  expect(lz4Bound(lz4 ?? text)).toBeGreaterThanOrEqual(text.length);
  const snappy = await codecs.get(CODEC.snappy)?.compress({ buffer: text });
  expect(snappyBound(snappy ?? text)).toBe(text.length);
  expect(zstdWindow(zstdRuns(1))).toBe(4 * 1024 * 1024);
});
