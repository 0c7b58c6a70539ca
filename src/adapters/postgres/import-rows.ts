import type pg from 'pg';
import { TocsinError } from '../../domain/errors.js';
import type { VisitorRules } from '../../impact/visitors.js';
import { CONTROL_STREAM } from '../../runtime/ports.js';
import { type CopyValue, copyInto } from './copy.js';
import { type ImportContext, type ImportKind, REFUSED, STAGING } from './import-kind.js';
import { type ImportFormat, type ImportKindName, kindOf } from './import-kinds.js';
import { type Reject, refused, refuseRepeats } from './import-refused.js';
import { columnKey, type ImportRecord, RowReader } from './import-row.js';
import {
  endRun,
  filledColumns,
  inTransaction,
  keepRows,
  keptColumns,
  openRun,
  takeKept,
  withImportLock,
} from './import-run.js';
import { raiseImportVersion } from './import-versions.js';
import { PostgresJournal } from './journal.js';
import { phoneRegion } from './phone-number.js';
import { withTransaction } from './pool.js';

/** Rows between one commit and the next. */
const KEPT_TOGETHER = 20_000;

/** How rows are read and merged. */
export interface ImportOptions {
  /** system whose columns the input has; default: our own names */
  readonly format?: ImportFormat;
  /** keys phone numbers: the installation's, see `openDatabase` */
  readonly phoneSecret: string;
  /** country of numbers without a country code; default FR */
  readonly region?: string;
  /** IANA zone of times without an offset; default UTC */
  readonly zone?: string;
  /** tell phones of other networks by; default: none is told */
  readonly visitors?: VisitorRules;
  /** from when changed rows are valid, epoch ms; default: the present */
  readonly validFromMs?: number;
  /** rows between one commit and the next while a large file is read; default 20,000 */
  readonly keptTogether?: number;
  /** the input is the whole inventory: rows it lacks end; default false */
  readonly isComplete?: boolean;
}

/** What an import did. `unchanged` rows were there already as given. */
export interface ImportCounts {
  readonly rows: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly rejected: number;
}

/** Rows with the line they came from. */
export type NumberedRow = readonly [line: number, fields: readonly string[]];

export interface RowSource {
  readonly columns: readonly string[];
  /** what the rows are of, such as a file with its size and age: by it a killed import is gone on with */
  readonly origin?: string;
  /** told when an earlier import of the same had come to a line */
  readonly onResume?: (line: number) => void;
  readonly rows: Iterable<NumberedRow> | AsyncIterable<NumberedRow>;
  readonly onReject: (reject: Reject) => void | Promise<void>;
}

/**
 * Imports rows: COPY into a staging table, then a merge in one transaction. Until that commits nobody
 * sees any of it; what decisions must know is journalled in it; importing the same again changes
 * nothing. Rows of a large kind from a known origin
 * are staged for good as they are read, so that a killed import goes on after them.
 * @throws TocsinError `input.file` for missing columns, when no row can be taken, or when one cannot
 * and the inventory is to be complete; `unavailable.*` from the database
 */
export async function importRows(
  pool: pg.Pool,
  name: ImportKindName,
  source: RowSource,
  options: ImportOptions,
): Promise<ImportCounts> {
  const kind = kindOf(name, options.format);
  const columns = resolveColumns(kind, name, source.columns);
  const job: ImportJob = { pool, kind, name, columns, source, options };
  if (kind.largeTables !== undefined && source.origin !== undefined) {
    const origin = [source.origin, columns, options.region, options.zone, kind.staging].join('\n');
    return withImportLock(pool, name, async (client) => {
      const tally = await keepAll(client, job, origin);
      const counts = await inTransaction(client, async () => {
        await takeKept(client, name);
        const merged = await merge(client, job, tally);
        await endRun(client, name);
        return merged;
      });
      await client.query(`vacuum (analyze) ${kind.largeTables?.join(', ')}`);
      return counts;
    });
  }
  return withTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock(hashtext($1))', [`tocsin import ${name}`]);
    return merge(client, job, await stageAll(client, job));
  });
}

interface ImportJob {
  readonly pool: pg.Pool;
  readonly kind: ImportKind;
  readonly name: ImportKindName;
  readonly columns: readonly string[];
  readonly source: RowSource;
  readonly options: ImportOptions;
}

/** Reads all rows into temporary tables. */
async function stageAll(client: pg.PoolClient, job: ImportJob): Promise<Tally> {
  const { kind, columns, source, options } = job;
  await client.query(`create temp table ${STAGING} (line bigint, ${kind.staging}) on commit drop`);
  await client.query(`create temp table ${REFUSED} (line bigint, reason text) on commit drop`);
  const context = await contextOf(client, columns, options);
  const tally: Tally = { rows: 0, rejected: 0, first: undefined };
  const reject = (each: Reject): Promise<void> => count(tally, source, each);
  const staged = stage(job, { context, rows: source.rows, tally, reject });
  const filled = await filledColumns(client, STAGING);
  if (kind.resolver === undefined) await copyInto(client, STAGING, staged, filled);
  else {
    const resolve = kind.resolver();
    for await (const values of together(staged, KEPT_TOGETHER)) {
      await resolve(client, values);
      await copyInto(client, STAGING, values, filled);
    }
  }
  return tally;
}

async function* together<T>(items: AsyncIterable<T>, most: number): AsyncGenerator<T[]> {
  let some: T[] = [];
  for await (const each of items) {
    some.push(each);
    if (some.length < most) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}

/**
 * Reads rows into tables that outlive this process, after those that an earlier one has read. The
 * next rows are read while the last are written.
 */
async function keepAll(client: pg.PoolClient, job: ImportJob, origin: string): Promise<Tally> {
  const { kind, name, columns, source, options } = job;
  const run = await openRun(client, name, origin, kind.staging);
  if (run.lastLine > 0) source.onResume?.(run.lastLine);
  // somebody may be erased before the merge
  const context = { ...(await contextOf(client, columns, options)), hasErasures: true };
  const tally: Tally = { rows: run.rows, rejected: 0, first: undefined };
  const filled = await keptColumns(client, name);
  const resolve = kind.resolver?.();
  let values: CopyValue[][] = [];
  let rejects: Reject[] = [];
  let lastLine = run.lastLine;
  let writing = Promise.resolve();
  const keep = async (): Promise<void> => {
    const rows = { values, rejects, run: { lastLine, rows: tally.rows } };
    values = [];
    rejects = [];
    await writing;
    writing = (async () => {
      await resolve?.(client, rows.values);
      await keepRows(client, name, filled, rows);
    })();
    // heard where it is waited for
    writing.catch(() => undefined);
  };
  const reject = async (each: Reject): Promise<void> => {
    rejects.push(each);
    lastLine = each.line;
  };
  const rows = after(source.rows, run.lastLine);
  try {
    for await (const row of stage(job, { context, rows, tally, reject })) {
      values.push(row);
      lastLine = Number(row[0]);
      if (values.length + rejects.length >= (options.keptTogether ?? KEPT_TOGETHER)) await keep();
    }
    await keep();
  } finally {
    await writing;
  }
  return tally;
}

async function* after(rows: RowSource['rows'], line: number): AsyncGenerator<NumberedRow> {
  for await (const row of rows) if (row[0] > line) yield row;
}

async function count(tally: Tally, source: RowSource, each: Reject): Promise<void> {
  tally.rejected++;
  tally.first ??= each;
  await source.onReject(each);
}

/** Brings staged rows into the tables, in the caller's transaction. */
async function merge(client: pg.PoolClient, job: ImportJob, tally: Tally): Promise<ImportCounts> {
  const { kind, name, columns, source, options } = job;
  const context = await contextOf(client, columns, options);
  await client.query("set local work_mem = '128MB'");
  await client.query(`analyze ${STAGING}`);
  await refuseRepeats(client, kind);
  const { inserted, updated, joined = 0 } = await kind.merge(client, context);
  const hasChanged = inserted + updated > 0;
  if (hasChanged) await raiseImportVersion(client, name);
  for await (const each of refused(client)) await count(tally, source, each);
  refuseAll(tally, context.isComplete);
  // Last, since it keeps other writers of the stream waiting until the commit.
  const facts = hasChanged ? ((await kind.facts?.(client, context)) ?? []) : [];
  await new PostgresJournal(job.pool).appendWithin(client, CONTROL_STREAM, facts);
  const { rows, rejected } = tally;
  const unchanged = Math.max(0, rows - rejected - inserted - updated - joined);
  return { rows, inserted, updated, unchanged, rejected };
}

/**
 * As `importRows`, for records at hand, such as a simulator's. Columns are those of the first
 * record; lines are numbered from 1.
 */
export async function copyRows(
  pool: pg.Pool,
  name: ImportKindName,
  records: Iterable<ImportRecord>,
  options: ImportOptions & { readonly onReject?: (reject: Reject) => void },
): Promise<ImportCounts> {
  const iterator = records[Symbol.iterator]();
  const first = iterator.next();
  if (first.done) return { rows: 0, inserted: 0, updated: 0, unchanged: 0, rejected: 0 };
  const columns = Object.keys(first.value);
  function* rows(): Generator<NumberedRow> {
    let line = 1;
    for (let each = first; !each.done; each = iterator.next(), line++) {
      const record: ImportRecord = each.value;
      yield [line, columns.map((column) => String(record[column] ?? ''))];
    }
  }
  const onReject = options.onReject ?? (() => undefined);
  return importRows(pool, name, { columns, rows: rows(), onReject }, options);
}

async function contextOf(
  client: pg.PoolClient,
  columns: readonly string[],
  options: ImportOptions,
): Promise<ImportContext> {
  const erasures = await client.query('select from erasures limit 1');
  return {
    hasErasures: erasures.rowCount !== 0,
    columns: new Set(columns),
    phoneSecret: options.phoneSecret,
    region: phoneRegion(options.region ?? 'FR'),
    ...(options.visitors === undefined ? {} : { visitors: options.visitors }),
    validFrom: new Date(options.validFromMs ?? Date.now()).toISOString(),
    isComplete: options.isComplete ?? false,
  };
}

/** The kind's own names for the input's columns; unknown ones keep theirs and are not read. */
function resolveColumns(kind: ImportKind, name: string, given: readonly string[]): string[] {
  const names = new Map(
    kind.columns.flatMap((group) => group.map((each) => [columnKey(each), group[0]])),
  );
  const columns = given.map((each) => names.get(columnKey(each)) ?? each);
  const twice = columns.find((each, place) => columns.indexOf(each) !== place);
  if (twice !== undefined) {
    throw new TocsinError('input.file', `column ${twice} is there twice (${given.join(', ')})`);
  }
  const missing = kind.required.find((group) => !group.some((each) => columns.includes(each)));
  if (missing !== undefined) {
    const allowed = kind.columns.map(([own]) => own).join(', ');
    throw new TocsinError(
      'input.file',
      `no column ${missing.join(' or ')} in ${given.join(', ') || 'an empty header'}: ${name} have ${allowed}`,
    );
  }
  return columns;
}

interface Tally {
  rows: number;
  rejected: number;
  first: Reject | undefined;
}

/** Ends the import, and with it the transaction, when taking what is left would do harm. */
function refuseAll({ rows, rejected, first }: Tally, isComplete: boolean): void {
  const because = `line ${first?.line}: ${first?.reason}`;
  if (rows > 0 && rejected === rows) {
    throw new TocsinError('input.file', `none of ${rows} rows could be taken, first ${because}`);
  }
  if (isComplete && (rows === 0 || rejected > 0)) {
    throw new TocsinError(
      'input.file',
      `a complete inventory ends what it lacks, so every row must be good: ${rejected} of ${rows} were rejected${first === undefined ? '' : `, first ${because}`}`,
    );
  }
}

interface Staging {
  readonly context: ImportContext;
  readonly rows: RowSource['rows'];
  readonly tally: Tally;
  readonly reject: (reject: Reject) => Promise<void>;
}

async function* stage(
  { kind, columns, source, options }: ImportJob,
  { context, rows, tally, reject }: Staging,
): AsyncGenerator<CopyValue[]> {
  const reader = new RowReader([...columns], options.zone ?? 'UTC');
  const width = source.columns.length;
  for await (const [line, fields] of rows) {
    tally.rows++;
    reader.start(fields);
    if (fields.length !== width) reader.reject(`has ${fields.length} fields, allowed: ${width}`);
    const values = kind.read(reader, context);
    if (reader.problem === undefined) yield [line, ...values];
    else await reject({ line, reason: reader.problem });
  }
}
