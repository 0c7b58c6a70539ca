import { messageOf } from '../../domain/errors.js';
import { postgresCode } from './pool.js';

/**
 * SQLSTATE classes that say something about the data and nothing about the server: 22 data
 * exception, 23 integrity violation, 54 beyond a limit of the server (PostgreSQL 18 manual, A).
 */
const OF_THE_DATA = /^(22|23|54)[0-9A-Z]{3}$/;

/** Why a statement can never succeed with this data, however often it is tried; else undefined. */
export function unstorableReason(error: unknown): string | undefined {
  const code = postgresCode(error);
  return OF_THE_DATA.test(code) ? `${messageOf(error)} (SQLSTATE ${code})` : undefined;
}
