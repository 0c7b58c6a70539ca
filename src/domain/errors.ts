/**
 * Every way Tocsin fails that somebody has to act on. Closed, hence safe as a metric label.
 * - `input.*`: what was given is wrong, trying again will not help
 * - `unavailable.*`: something we stand on is away, trying again will help
 */
export type ErrorCode =
  | 'input.config'
  | 'input.rules'
  | 'input.file'
  | 'input.option'
  | 'input.payload'
  | 'input.tooLarge'
  | 'unavailable.postgres'
  | 'unavailable.kafka'
  | 'unavailable.influx'
  | 'unavailable.gateway'
  | 'unavailable.crm'
  | 'unavailable.desk'
  | 'unavailable.disk'
  | 'overloaded'
  | 'lease.lost'
  | 'auth.missing'
  | 'auth.forbidden'
  | 'notFound'
  | 'conflict'
  | 'internal';

/** A failure with a code a metric can carry, and whether trying again can help. */
export class TocsinError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    options?: { retryable?: boolean; cause?: unknown },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TocsinError';
    this.code = code;
    this.retryable =
      options?.retryable ?? (code.startsWith('unavailable.') || code === 'overloaded');
  }
}

/** The message of anything thrown, for logs and one-line errors. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
