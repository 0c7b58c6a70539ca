import type { Readable } from 'node:stream';
import { messageOf, TocsinError } from '../domain/errors.js';
import type { BufferPool } from './buffer-pool.js';

/** Room made at once for what a header promises: more only as it comes. */
const MAX_PROMISED_BYTES = 4 * 1024 * 1024;

/** How a body is read. */
export interface BodyReading {
  /** the header of that name */
  readonly contentLength: string | undefined;
  /** greatest body, bytes */
  readonly limit: number;
  readonly buffers: BufferPool;
}

/**
 * Gathers a body in one buffer lent by the pool: chunks are copied as they come and kept by nobody.
 * @returns the body; its memory goes back to the pool when the caller gives it
 * @throws TocsinError `input.tooLarge`; `input.payload` for a body cut short
 */
export async function readBody(
  payload: Readable,
  { contentLength, limit, buffers }: BodyReading,
): Promise<Buffer> {
  const promised = contentLength === undefined ? undefined : Number(contentLength);
  let room = buffers.take(Math.min(promised ?? 0, MAX_PROMISED_BYTES));
  let bytes = 0;
  const add = (chunk: Buffer): void => {
    const end = bytes + chunk.length;
    if (end > limit) throw tooLarge();
    if (end > room.length) {
      const wide = buffers.take(Math.min(2 * end, limit));
      room.copy(wide, 0, 0, bytes);
      buffers.give(room);
      room = wide;
    }
    room.set(chunk, bytes);
    bytes = end;
  };
  try {
    if ((promised ?? 0) > limit) throw tooLarge();
    await eachChunk(payload, add);
    if (promised !== undefined && bytes !== promised) {
      const text = `the body has ${bytes} bytes, content-length says ${promised}`;
      throw new TocsinError('input.payload', text);
    }
  } catch (error) {
    buffers.give(room);
    throw error;
  }
  return room.subarray(0, bytes);
}

const tooLarge = (): TocsinError => new TocsinError('input.tooLarge', 'the body is too large');

/** Hands over chunks as they come, without a promise for each; stops when `take` throws. */
function eachChunk(payload: Readable, take: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (done: () => void): void => {
      payload.off('data', onData).off('end', onEnd).off('error', onError);
      done();
    };
    const onEnd = (): void => settle(resolve);
    const onError = (error: Error): void =>
      settle(() => reject(new TocsinError('input.payload', messageOf(error), { cause: error })));
    const onData = (chunk: Buffer): void => {
      try {
        take(chunk);
      } catch (error) {
        settle(() => reject(error));
      }
    };
    payload.on('data', onData).on('end', onEnd).on('error', onError);
    payload.resume();
  });
}
