import pg from 'pg';
import { messageOf, TocsinError } from '../../domain/errors.js';

/** Postgres' own states that mean "try again later": PostgreSQL 18 manual, appendix A. */
const AWAY = new Set(['57P01', '57P02', '57P03', '57P05', '53300', '25006']);
const AWAY_SYSTEM = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);
const DISK = new Set(['53100', 'ENOSPC', 'EDQUOT']);
/** query_canceled: here always by a time limit of ours */
const TIMED_OUT = '57014';
const RACE = new Set(['40001', '40P01', '55P03']);
const AWAY_TEXT =
  /Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|timeout expired|Client was closed|not queryable|Query read timeout/;

const parsers = new Map<number, (text: string) => unknown>([
  [pg.types.builtins.INT8, Number],
  [pg.types.builtins.DATE, String],
]);

/** bigint as a number (ours stay below 2^53) and date as `YYYY-MM-DD`; the rest as pg has it. */
export const postgresTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && parsers.get(oid)) ||
    pg.types.getTypeParser(oid, format)) as pg.CustomTypesConfig['getTypeParser'],
};

/** Settings of a pool. `onError` hears of idle connections that broke; default: nothing. */
export interface PoolOptions {
  readonly max?: number;
  readonly applicationName?: string;
  readonly statementTimeoutMs?: number;
  readonly onError?: (error: Error) => void;
}

/**
 * Opens a pool; connects on first use. bigint columns are numbers, dates `YYYY-MM-DD`.
 * An idle connection that breaks is dropped and does not end the process.
 */
export function createPool(url: string, options: PoolOptions = {}): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max ?? 10,
    application_name: options.applicationName ?? 'tocsin',
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    types: postgresTypes,
    ...(options.statementTimeoutMs === undefined
      ? {}
      : { statement_timeout: options.statementTimeoutMs }),
  });
  pool.on('error', (error) => options.onError?.(error));
  return pool;
}

/** One connection outside any pool, for locks and LISTEN. The caller ends it. */
export async function connectDirect(url: string, applicationName: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    types: postgresTypes,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw mapPostgresError(error);
  }
  return client;
}

/** SQLSTATE or system code of what pg threw, such as `ECONNREFUSED`; empty when it has none. */
export function postgresCode(error: unknown): string {
  if (error instanceof TocsinError) return postgresCode(error.cause);
  if (error instanceof AggregateError && error.errors.length > 0)
    return postgresCode(error.errors[0]);
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

/**
 * Turns what pg throws into a TocsinError: `unavailable.postgres` when the server is away or
 * restarting, `unavailable.disk` when it is full, `conflict` (retryable) for a lost race.
 * Anything else, such as a broken statement, comes back as it was: trying again won't help.
 */
export function mapPostgresError(error: unknown): unknown {
  if (error instanceof TocsinError) return error;
  const code = postgresCode(error);
  const text = messageOf(error) || code;
  if (DISK.has(code)) {
    return new TocsinError('unavailable.disk', `Postgres has no disk space left: ${text}`, {
      cause: error,
    });
  }
  if (RACE.has(code)) return new TocsinError('conflict', text, { retryable: true, cause: error });
  const away =
    code === TIMED_OUT ||
    AWAY.has(code) ||
    AWAY_SYSTEM.has(code) ||
    code.startsWith('08') ||
    AWAY_TEXT.test(text);
  if (!away) return error;
  return new TocsinError('unavailable.postgres', `Postgres is away: ${text}`, { cause: error });
}

/** Whether trying again can help. */
export function isRetryable(error: unknown): boolean {
  const mapped = mapPostgresError(error);
  return mapped instanceof TocsinError && mapped.retryable;
}

/** One statement outside a transaction, errors mapped as in `mapPostgresError`. */
export async function query<Row extends pg.QueryResultRow>(
  pool: pg.Pool,
  text: string,
  values: readonly unknown[] = [],
): Promise<pg.QueryResult<Row>> {
  try {
    return await pool.query<Row>(text, [...values]);
  } catch (error) {
    throw mapPostgresError(error);
  }
}

/** How long a transaction may take before it is given up, in milliseconds. */
export interface TransactionLimits {
  /** of one statement, by the server */
  readonly statementMs: number;
  /** of waiting for one lock, by the server */
  readonly lockMs: number;
  /** of all of it, by us: a server that answers no more keeps no limits */
  readonly totalMs: number;
}

/**
 * Runs `body` in one transaction; commits when it returns, rolls back when it throws.
 * @throws TocsinError as in `mapPostgresError`. After a broken COMMIT it is unknown whether the
 * transaction took place: callers must be able to do the work again without harm. Beyond a limit it
 * throws too: `conflict` for a lock, `unavailable.postgres` for the rest, its connection closed.
 */
export async function withTransaction<T>(
  pool: pg.Pool,
  body: (client: pg.PoolClient) => Promise<T>,
  limits?: TransactionLimits,
): Promise<T> {
  let client: pg.PoolClient;
  try {
    client = await pool.connect();
  } catch (error) {
    throw mapPostgresError(error);
  }
  let broken: Error | undefined;
  const onError = (error: Error): void => {
    broken = error;
  };
  client.on('error', onError);
  try {
    const work = runTransaction(client, body, limits);
    return await (limits ? endsWithin(work, limits.totalMs) : work);
  } catch (error) {
    if (error instanceof TransactionTimeout) broken = error;
    // A transaction that cannot be rolled back ends with its connection.
    else {
      await client.query('rollback').catch((failure: Error) => {
        broken = failure;
      });
    }
    throw mapPostgresError(error);
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

async function runTransaction<T>(
  client: pg.PoolClient,
  body: (client: pg.PoolClient) => Promise<T>,
  limits: TransactionLimits | undefined,
): Promise<T> {
  await client.query(limits ? `begin; ${limitsSql(limits)}` : 'begin');
  const result = await body(client);
  await client.query('commit');
  return result;
}

function limitsSql({ statementMs, lockMs }: TransactionLimits): string {
  return `set local statement_timeout = ${statementMs}; set local lock_timeout = ${lockMs}`;
}

/** The server has not ended the transaction in time. */
class TransactionTimeout extends TocsinError {}

async function endsWithin<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const text = `Postgres has not ended a transaction within ${ms} ms`;
    timer = setTimeout(() => reject(new TransactionTimeout('unavailable.postgres', text)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
