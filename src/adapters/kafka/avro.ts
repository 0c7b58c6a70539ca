import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { messageOf, TocsinError } from '../../domain/errors.js';

/** A record, or why the bytes are none. */
export type AvroOutcome = { readonly record: unknown } | { readonly refused: string };

/** Reads Avro messages in Confluent's framing: a zero byte, the schema's id, the record. */
export interface AvroReader {
  /**
   * At once when the schema is known, else once the registry has answered.
   * @throws TocsinError `unavailable.kafka` (rejects) while the registry does not answer
   */
  read(bytes: Uint8Array): AvroOutcome | Promise<AvroOutcome>;
}

interface Schema {
  fromBuffer(bytes: Buffer): unknown;
}

const HEADER_BYTES = 5;
/** How long an id that the registry does not know is taken for unknown without asking again. */
const UNKNOWN_FOR_MS = 30_000;
/** Schemas in use are a handful: more ids than this are made up. */
const MAX_IDS = 1000;

class RegistryReader implements AvroReader {
  readonly #url: string;
  readonly #registry: SchemaRegistry;
  readonly #schemas = new Map<number, Schema>();
  readonly #unknown = new Map<number, { readonly untilMs: number; readonly refused: string }>();

  constructor(url: string) {
    this.#url = url;
    this.#registry = new SchemaRegistry({ host: url, retry: { retries: 1 } });
  }

  read(bytes: Uint8Array): AvroOutcome | Promise<AvroOutcome> {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    if (buffer.length < HEADER_BYTES || buffer[0] !== 0) {
      return { refused: "no Avro in Confluent's framing: allowed are a zero byte and a schema id" };
    }
    const id = buffer.readInt32BE(1);
    const schema = this.#schemas.get(id);
    return schema ? decode(schema, buffer) : this.#fetch(id, buffer);
  }

  async #fetch(id: number, buffer: Buffer): Promise<AvroOutcome> {
    const before = this.#unknown.get(id);
    if (before && before.untilMs > performance.now()) return { refused: before.refused };
    try {
      const schema = (await this.#registry.getSchema(id)) as Schema;
      this.#schemas.set(id, schema);
      return decode(schema, buffer);
    } catch (error) {
      return this.#failed(id, error);
    }
  }

  #failed(id: number, error: unknown): AvroOutcome {
    const status = (error as { status?: unknown }).status;
    if (typeof status === 'number' && status !== 404) {
      throw new TocsinError(
        'unavailable.kafka',
        `schema registry ${this.#url}: ${messageOf(error)}`,
        { cause: error },
      );
    }
    const refused =
      status === 404
        ? `the schema registry has no schema ${id}`
        : `schema ${id} cannot be used: ${messageOf(error)}`;
    if (this.#unknown.size >= MAX_IDS) this.#unknown.clear();
    this.#unknown.set(id, { untilMs: performance.now() + UNKNOWN_FOR_MS, refused });
    return { refused };
  }
}

function decode(schema: Schema, buffer: Buffer): AvroOutcome {
  try {
    return { record: schema.fromBuffer(buffer.subarray(HEADER_BYTES)) };
  } catch (error) {
    return { refused: `not what its Avro schema says: ${messageOf(error)}` };
  }
}

/** @param url of a Confluent-compatible schema registry, with user and password in it if needed */
export function avroReader(url: string): AvroReader {
  return new RegistryReader(url);
}
