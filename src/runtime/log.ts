import { type Logger, pino } from 'pino';

export type { Logger };

/**
 * JSON logs on standard error, since standard output belongs to `--json` documents.
 * Secrets and personal data that slip into a log object under these names are replaced.
 */
export function createLog(level: 'debug' | 'info' | 'warn' | 'error' | 'silent'): Logger {
  return pino(
    {
      level,
      redact: {
        paths: ['*.password', '*.token', '*.authToken', '*.msisdn', '*.to', 'to', 'msisdn'],
        censor: '[hidden]',
      },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}
