/** What a compressed batch swells to, at most, read from its framing without unpacking it. */
export type SizeBound = (bytes: Buffer) => number;

const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const XERIAL_HEADER = 16;

/**
 * Snappy: every block begins with its unpacked length (snappy format description, section 1).
 * Java's producers frame several blocks, each behind a 32-bit length.
 */
export const snappyBound: SizeBound = (bytes) => {
  if (!bytes.subarray(0, 8).equals(XERIAL)) return unsignedVarint(bytes, 0);
  let total = 0;
  let at = XERIAL_HEADER;
  while (at + 4 <= bytes.length) {
    total += unsignedVarint(bytes, at + 4);
    at += 4 + bytes.readUInt32BE(at);
  }
  return total;
};

function unsignedVarint(bytes: Buffer, start: number): number {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[start + i] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) break;
  }
  return value;
}

const LZ4_RAW = 0x80000000;
/** A byte of an LZ4 sequence stands for at most 255 (LZ4 block format, "compressed block format"). */
const LZ4_MOST = 255;

/** LZ4 frame format 1.6: the sum over blocks of the block's greatest size. */
export const lz4Bound: SizeBound = (bytes) => {
  const flags = bytes[4] ?? 0;
  const blockMost = 4 ** (((bytes[5] ?? 0) >> 4) & 7) * 256;
  let at = 7 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0);
  let total = 0;
  while (at + 4 <= bytes.length) {
    const size = bytes.readUInt32LE(at);
    if (size === 0) break;
    const length = size & ~LZ4_RAW;
    total += size >= LZ4_RAW ? length : Math.min(blockMost, length * LZ4_MOST);
    at += 4 + length + (flags & 0x10 ? 4 : 0);
  }
  return total;
};

/**
 * Zstandard (RFC 8878, 3.1.1): the memory its window wants, not the unpacked size, which streaming
 * writers leave out.
 */
export const zstdWindow: SizeBound = (bytes) => {
  const descriptor = bytes[4] ?? 0;
  if ((descriptor & 0x20) === 0) {
    const window = bytes[5] ?? 0;
    const base = 2 ** (10 + (window >> 3));
    return base + (base / 8) * (window & 7);
  }
  const at = 5 + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  const width = [1, 2, 4, 8][descriptor >> 6] ?? 1;
  if (bytes.length < at + width) return 0;
  if (width === 8) return Number(bytes.readBigUInt64LE(at));
  return bytes.readUIntLE(at, width) + (width === 2 ? 256 : 0);
};
