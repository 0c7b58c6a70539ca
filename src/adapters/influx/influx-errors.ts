import { messageOf, TocsinError } from '../../domain/errors.js';

/**
 * What an answer of InfluxDB means: 401 and 403 are for a person to mend, as is a refused query;
 * all else may pass.
 * @param said what the server said, for the message
 */
export function refusal(url: string, status: number, said: string): TocsinError {
  const what = said.replaceAll(/\s+/g, ' ').slice(0, 300);
  if (status === 401 || status === 403) {
    return new TocsinError(
      'input.config',
      `InfluxDB at ${url} refuses the credentials (${status}): ${what}: check token, username and password`,
    );
  }
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
    return new TocsinError('input.config', `InfluxDB at ${url} refuses the query: ${what}`);
  }
  return new TocsinError('unavailable.influx', `InfluxDB at ${url} answers ${status}: ${what}`);
}

/** A connection that failed or broke. */
export function away(url: string, error: unknown): TocsinError {
  if (error instanceof TocsinError) return error;
  const cause = (error as { cause?: unknown } | undefined)?.cause;
  const why = cause === undefined ? messageOf(error) : `${messageOf(error)}: ${messageOf(cause)}`;
  return new TocsinError('unavailable.influx', `InfluxDB at ${url} is away: ${why}`, {
    cause: error,
  });
}
