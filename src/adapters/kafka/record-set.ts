import type { Records } from './ports.js';

/** Columns per record: offset delta, key start and end, value start and end, headers start. */
const WIDTH = 6;
/** Length, attributes, timestamp and offset deltas, key length, value length, header count. */
const SMALLEST_RECORD = 7;
const ABSENT = -1;

/**
 * The records of one batch (Kafka's record format v2), found in their bytes without an object per
 * record: keys, values and headers are made when asked for.
 */
export class RecordSet implements Records {
  readonly count: number;
  readonly lastOffset: number;
  readonly #bytes: Buffer;
  readonly #firstOffset: number;
  readonly #places: Int32Array;

  /**
   * @param bytes the unpacked records, without the batch's header
   * @throws RangeError when the bytes do not hold `count` records
   */
  constructor(bytes: Buffer, firstOffset: number, lastOffset: number, count: number) {
    if (count < 0 || count * SMALLEST_RECORD > bytes.length) {
      throw new RangeError(`${bytes.length} bytes cannot hold ${count} records`);
    }
    this.#bytes = bytes;
    this.#firstOffset = firstOffset;
    this.lastOffset = lastOffset;
    this.count = count;
    this.#places = findRecords(bytes, count);
  }

  get bytes(): number {
    return this.#bytes.length + this.#places.byteLength;
  }

  offset(index: number): number {
    return this.#firstOffset + (this.#places[index * WIDTH] ?? 0);
  }

  key(index: number): Uint8Array | undefined {
    return this.#slice(index * WIDTH + 1);
  }

  value(index: number): Uint8Array | undefined {
    return this.#slice(index * WIDTH + 3);
  }

  header(index: number, name: string): Uint8Array | undefined {
    const cursor = new Cursor(this.#bytes, this.#places[index * WIDTH + 5] ?? 0);
    const headers = cursor.varint();
    for (let i = 0; i < headers; i++) {
      const nameLength = cursor.varint();
      const isIt = this.#bytes.toString('utf8', cursor.at, cursor.at + nameLength) === name;
      cursor.skip(nameLength);
      const length = cursor.varint();
      if (isIt) return this.#bytes.subarray(cursor.at, cursor.at + Math.max(0, length));
      cursor.skip(length);
    }
    return undefined;
  }

  #slice(place: number): Uint8Array | undefined {
    const start = this.#places[place] ?? ABSENT;
    return start === ABSENT ? undefined : this.#bytes.subarray(start, this.#places[place + 1]);
  }
}

class Cursor {
  readonly #bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** Zigzag, at most 32 bits. */
  varint(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.at++] ?? 0;
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80 && shift < 35; shift += 7) {
      byte = bytes[this.at++] ?? 0;
      value |= (byte & 0x7f) << shift;
    }
    return (value >>> 1) ^ -(value & 1);
  }

  skipVarlong(): void {
    while ((this.#bytes[this.at++] ?? 0) >= 0x80);
  }

  skip(length: number): void {
    if (length > 0) this.at += length;
  }
}

function findRecords(bytes: Buffer, count: number): Int32Array {
  const places = new Int32Array(count * WIDTH);
  const cursor = new Cursor(bytes, 0);
  for (let place = 0; place < places.length; place += WIDTH) {
    const length = cursor.varint();
    const end = cursor.at + length;
    if (length < SMALLEST_RECORD - 1 || end > bytes.length) {
      throw new RangeError(`record ${place / WIDTH} of ${count} ends beyond its batch`);
    }
    cursor.at++;
    cursor.skipVarlong();
    places[place] = cursor.varint();
    for (let part = 1; part <= 3; part += 2) {
      const size = cursor.varint();
      places[place + part] = size < 0 ? ABSENT : cursor.at;
      cursor.skip(size);
      places[place + part + 1] = cursor.at;
    }
    places[place + 5] = cursor.at;
    if (cursor.at > end)
      throw new RangeError(`record ${place / WIDTH} of ${count} is longer than it says`);
    cursor.at = end;
  }
  return places;
}
