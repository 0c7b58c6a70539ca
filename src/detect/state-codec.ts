import { TocsinError } from '../domain/errors.js';

/** Arrays that a state can hold. */
export type StateArray =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

type Json = unknown;

const MAGIC = 0x54444554;
/** 2 added shapes of clusters; a state of version 1 is read as one without any */
const VERSION = 2;
const OLDEST_VERSION = 1;

/** Collects named values and arrays into one byte string, bit for bit. */
export class StateWriter {
  readonly #entries: { name: string; type: string; length: number; value?: Json }[] = [];
  readonly #parts: Uint8Array[] = [];

  json(name: string, value: Json): void {
    this.#entries.push({ name, type: 'json', length: 0, value });
  }

  array(name: string, array: StateArray): void {
    this.#entries.push({ name, type: array.constructor.name, length: array.length });
    this.#parts.push(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }

  /** @returns header (magic, version, header bytes), header as JSON, then the arrays in order */
  finish(): Uint8Array {
    const header = new TextEncoder().encode(JSON.stringify(this.#entries));
    const total = this.#parts.reduce((sum, part) => sum + part.byteLength, 12 + header.byteLength);
    const out = new Uint8Array(total);
    const view = new DataView(out.buffer);
    view.setUint32(0, MAGIC);
    view.setUint32(4, VERSION);
    view.setUint32(8, header.byteLength);
    out.set(header, 12);
    let at = 12 + header.byteLength;
    for (const part of this.#parts) {
      out.set(part, at);
      at += part.byteLength;
    }
    return out;
  }
}

interface Entry {
  readonly type: string;
  readonly length: number;
  readonly value?: Json;
  readonly at: number;
}

const WIDTH: Record<string, number> = {
  Float64Array: 8,
  Float32Array: 4,
  Int32Array: 4,
  Uint32Array: 4,
  Int16Array: 2,
  Uint16Array: 2,
  Int8Array: 1,
  Uint8Array: 1,
};

/** Reads what `StateWriter` wrote. @throws TocsinError `internal` when it is something else */
export class StateReader {
  readonly #bytes: Uint8Array;
  readonly #entries = new Map<string, Entry>();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const version = bytes.byteLength < 12 || view.getUint32(0) !== MAGIC ? 0 : view.getUint32(4);
    if (version < OLDEST_VERSION || version > VERSION) {
      const allowed = `${OLDEST_VERSION} to ${VERSION}`;
      throw new TocsinError('internal', `not a detection state of version ${allowed}`);
    }
    const headerBytes = view.getUint32(8);
    const text = new TextDecoder().decode(bytes.subarray(12, 12 + headerBytes));
    const header = JSON.parse(text) as { name: string; type: string; length: number }[];
    let at = 12 + headerBytes;
    for (const entry of header) {
      this.#entries.set(entry.name, { ...entry, at });
      at += entry.length * (WIDTH[entry.type] ?? 0);
    }
    if (at !== bytes.byteLength) throw new TocsinError('internal', 'detection state is cut short');
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  json<T>(name: string): T {
    return this.#entry(name).value as T;
  }

  length(name: string): number {
    return this.#entry(name).length;
  }

  /** Copies a stored array into the beginning of `target`, which must be of its type. */
  into(name: string, target: StateArray): void {
    const entry = this.#entry(name);
    const width = WIDTH[entry.type] ?? 0;
    if (entry.type !== target.constructor.name || entry.length > target.length) {
      throw new TocsinError('internal', `detection state: ${name} does not fit`);
    }
    const bytes = new Uint8Array(target.buffer, target.byteOffset, entry.length * width);
    bytes.set(this.#bytes.subarray(entry.at, entry.at + entry.length * width));
  }

  #entry(name: string): Entry {
    const entry = this.#entries.get(name);
    if (!entry) throw new TocsinError('internal', `detection state lacks ${name}`);
    return entry;
  }
}
