import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { messageOf, TocsinError } from '../domain/errors.js';

const unzip = promisify(gunzip);
/** Line protocol packs about so well. */
const GZIP_RATIO = 20;

/** Limits on what is pushed, in bytes. */
export interface BodyLimits {
  /** greatest body, unpacked */
  readonly bodyBytes: number;
  /** unpacked bodies in work at the same time; beyond it pushes wait outside with a 503 */
  readonly inFlightBytes: number;
}

/** Makes the scope take every content type as raw bytes; a body above the limit is a 413. */
export function takeRawBodies(scope: FastifyInstance, limits: BodyLimits): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: limits.bodyBytes },
    (_request, body, done) => done(null, body),
  );
}

/** Holds pushes in work to a bound, so that a slow database cannot fill the memory. */
export class BodyReader {
  readonly #limits: BodyLimits;
  #inFlight = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  /**
   * Runs `work` on the request's body, unpacked when it came as gzip.
   * @throws TocsinError `input.tooLarge` for a body (or gzip bomb) above the limit, `input.payload`
   *   for broken or unknown encoding, `overloaded` while too much is in work
   */
  async withBody<Result>(
    request: FastifyRequest,
    work: (body: Uint8Array) => Promise<Result>,
  ): Promise<Result> {
    const sent = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
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
      return await unzip(body, { maxOutputLength: this.#limits.bodyBytes });
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
