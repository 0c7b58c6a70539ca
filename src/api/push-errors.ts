import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import { type ErrorCode, TocsinError } from '../domain/errors.js';
import type { DecodeOutcome } from '../sources/decode.js';

/** An error as InfluxDB 2 words it. */
export interface InfluxError {
  readonly code: string;
  readonly message: string;
  readonly line?: number;
}

/** How many refused lines a message spells out. */
const SPELLED_OUT = 10;
const RETRY_AFTER_SECONDS = '2';
/** Bodies that were refused for what they are, or for who sent them. */
const REFUSED_WHOLE: readonly ErrorCode[] = ['auth.missing', 'input.tooLarge', 'input.payload'];

/**
 * The answer to a write of which some lines, or some values, were refused; all else is stored.
 * Worded as InfluxDB words a partial write, so that clients log it and do not send it again.
 */
export function partialWrite(outcome: DecodeOutcome): InfluxError {
  const { records, refused, rejections } = outcome;
  const listed = rejections
    .slice(0, SPELLED_OUT)
    .map(({ index, reason, detail }) => `line ${index + 1}: ${reason}: ${detail}`);
  const lines = refused === 1 ? '1 line' : `${refused} lines`;
  return {
    code: 'invalid',
    message: `partial write: ${lines} refused, ${records} stored\n${listed.join('\n')}`,
    line: (rejections[0]?.index ?? 0) + 1,
  };
}

/**
 * Gives the scope's errors InfluxDB 2's shape and codes.
 * @param refused told of bodies that were refused whole for what they are or who sent them
 */
export function influxErrors(
  app: FastifyInstance,
  refused: (request: FastifyRequest, error: TocsinError) => void,
): void {
  app.setErrorHandler<FastifyError | TocsinError>((raw, request, reply) => {
    const error = asTocsinError(raw);
    if (REFUSED_WHOLE.includes(error.code)) {
      refused(request, error);
    }
    const { status, code } = statusOf(error);
    if (status >= 500) request.log.warn({ err: raw }, 'push failed');
    if (error.retryable) reply.header('retry-after', RETRY_AFTER_SECONDS);
    const message = status === 500 ? 'an internal error has occurred' : error.message;
    return reply.code(status).send({ code, message });
  });
}

function asTocsinError(error: FastifyError | TocsinError): TocsinError {
  if (error instanceof TocsinError) return error;
  const status = error.statusCode ?? 500;
  if (status === 413) return new TocsinError('input.tooLarge', 'the body is too large');
  if (status < 500) return new TocsinError('input.payload', error.message);
  return new TocsinError(status === 503 ? 'overloaded' : 'internal', error.message);
}

function statusOf(error: TocsinError): { status: number; code: string } {
  if (error.code === 'auth.missing') return { status: 401, code: 'unauthorized' };
  if (error.code === 'input.tooLarge') return { status: 413, code: 'request too large' };
  if (error.code.startsWith('input.')) return { status: 400, code: 'invalid' };
  if (error.code === 'overloaded') return { status: 429, code: 'too many requests' };
  if (error.retryable) return { status: 503, code: 'unavailable' };
  return { status: 500, code: 'internal error' };
}
