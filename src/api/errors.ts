import type { FastifyError, FastifyInstance } from 'fastify';
import { type ErrorCode, TocsinError } from '../domain/errors.js';

const STATUS: Partial<Record<ErrorCode, number>> = {
  'input.tooLarge': 413,
  'auth.missing': 401,
  'auth.forbidden': 403,
  notFound: 404,
  conflict: 409,
  overloaded: 503,
};
const CODE: Record<number, ErrorCode> = {
  401: 'auth.missing',
  403: 'auth.forbidden',
  404: 'notFound',
  409: 'conflict',
  413: 'input.tooLarge',
  429: 'overloaded',
  503: 'overloaded',
};
function statusOf(code: ErrorCode): number {
  if (code.startsWith('input.')) return STATUS[code] ?? 400;
  if (code.startsWith('unavailable.')) return 503;
  return STATUS[code] ?? 500;
}

interface Answer {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
}

function answerTo(error: FastifyError | TocsinError, requestId: string): Answer {
  if (error instanceof TocsinError && error.code !== 'internal') {
    return { status: statusOf(error.code), code: error.code, message: error.message };
  }
  const status = error instanceof TocsinError ? 500 : (error.statusCode ?? 500);
  if (status < 500 || status === 503) {
    return { status, code: CODE[status] ?? 'input.payload', message: error.message };
  }
  return {
    status: 500,
    code: 'internal',
    message: `Something went wrong here. The log has it under request ${requestId}.`,
  };
}

/** Answers every error as `{code, message}`; what is not for the caller goes to the log only. */
export function addErrors(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0];
    const message = `There is nothing at ${request.method} ${path}.`;
    return reply.code(404).send({ code: 'notFound', message });
  });
  app.setErrorHandler<FastifyError | TocsinError>((error, request, reply) => {
    const { status, code, message } = answerTo(error, request.id);
    if (status >= 500) request.log.error({ err: error, route: request.routeOptions.url }, message);
    if (status === 503) reply.header('retry-after', '5');
    return reply.code(status).send({ code, message });
  });
}
