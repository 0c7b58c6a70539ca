import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { messageOf, TocsinError } from '../domain/errors.js';
import { BufferPool } from './buffer-pool.js';
import { readBody } from './read-body.js';

const unzip = promisify(gunzip);
/** Line protocol packs about so well. */
const GZIP_RATIO = 20;
/** What is left of a body that was dealt with: a dead letter needs no more. */
const KEPT_BYTES = 4096;
const MIN_CHUNK_BYTES = 16 * 1024;
const MAX_CHUNK_BYTES = 1024 * 1024;
const NO_BODY = Buffer.alloc(0);

/** Limits on what is pushed, in bytes. */
export interface BodyLimits {
  /** greatest body, unpacked */
  readonly bodyBytes: number;
  /** unpacked bodies in work at the same time; beyond it pushes wait outside with a 503 */
  readonly inFlightBytes: number;
}

/** Holds pushes in work to a bound, so that a slow database cannot fill the memory. */
export class BodyReader {
  readonly #limits: BodyLimits;
  readonly #buffers = new BufferPool();
  #inFlight = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  /** Makes the scope take every content type as raw bytes; a body above the limit is a 413. */
  takeRawBodies(scope: FastifyInstance): void {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', ({ headers }: FastifyRequest, payload: Readable) =>
      readBody(payload, {
        contentLength: headers['content-length'],
        limit: this.#limits.bodyBytes,
        buffers: this.#buffers,
      }),
    );
  }

  /**
   * Runs `work` on the request's body, unpacked when it came as gzip. The bytes are lent: when
   * `work` has ended they hold something else, and `request.body` is what is left for a dead letter.
   * @throws TocsinError `input.tooLarge` for a body (or gzip bomb) above the limit, `input.payload`
   *   for broken or unknown encoding, `overloaded` while too much is in work
   */
  async withBody<Result>(
    request: FastifyRequest,
    work: (body: Uint8Array) => Promise<Result>,
  ): Promise<Result> {
    const sent = Buffer.isBuffer(request.body) ? request.body : NO_BODY;
    try {
      return await this.#withSent(request, sent, work);
    } finally {
      request.body = Buffer.from(sent.subarray(0, KEPT_BYTES));
      if (sent !== NO_BODY) this.#buffers.give(Buffer.from(sent.buffer));
    }
  }

  async #withSent<Result>(
    request: FastifyRequest,
    sent: Buffer,
    work: (body: Uint8Array) => Promise<Result>,
  ): Promise<Result> {
    // What a gzip body unpacks to is known only afterwards; reckon with a lot until then.
    const isPacked = this.#isPacked(request);
    let reserved = isPacked
      ? Math.min(this.#limits.bodyBytes, sent.length * GZIP_RATIO)
      : sent.length;
    if (this.#inFlight > 0 && this.#inFlight + reserved > this.#limits.inFlightBytes) {
      throw new TocsinError('overloaded', 'too much is being written at once: try again shortly');
    }
    this.#inFlight += reserved;
    try {
      const body = isPacked ? await this.#unpack(sent) : sent;
      this.#inFlight += body.length - reserved;
      reserved = body.length;
      return await work(body);
    } finally {
      this.#inFlight -= reserved;
    }
  }

  #isPacked(request: FastifyRequest): boolean {
    const encoding = request.headers['content-encoding']?.toLowerCase() ?? 'identity';
    if (encoding !== 'identity' && encoding !== 'gzip' && encoding !== '') {
      throw new TocsinError(
        'input.payload',
        `content-encoding "${encoding.slice(0, 40)}" is unknown: allowed are gzip and identity`,
      );
    }
    return encoding === 'gzip';
  }

  async #unpack(body: Buffer): Promise<Buffer> {
    try {
      return await unzip(body, {
        maxOutputLength: this.#limits.bodyBytes,
        chunkSize: chunkSizeOf(body),
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
        throw new TocsinError('input.tooLarge', tooLarge(this.#limits.bodyBytes));
      }
      throw new TocsinError('input.payload', `the body is not gzip: ${messageOf(error)}`);
    }
  }
}

/** The sentence that refuses a body for its size. */
export function tooLarge(limit: number): string {
  return `the body is above ${limit} bytes, unpacked: send smaller batches`;
}

/** As large as the last four bytes say that the whole is (RFC 1952, 2.3.1), within reason. */
function chunkSizeOf(packed: Buffer): number {
  const unpacked = packed.length < 4 ? 0 : packed.readUInt32LE(packed.length - 4);
  return Math.min(Math.max(unpacked + 1, MIN_CHUNK_BYTES), MAX_CHUNK_BYTES);
}
