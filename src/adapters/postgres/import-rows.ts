import type pg from 'pg';
import { TocsinError } from '../../domain/errors.js';
import { CONTROL_STREAM } from '../../runtime/ports.js';
import { type CopyValue, copyInto } from './copy.js';
import { calls, optouts, presence, roster } from './import-calls.js';
import { type ImportContext, type ImportKind, REFUSED, refuse, STAGING } from './import-kind.js';
import { incidents, tickets } from './import-repairs.js';
import { columnKey, type ImportRecord, RowReader } from './import-row.js';
import { subscribers } from './import-subscribers.js';
import { aliases, cells, links, neighbours, sites, works } from './import-topology.js';
import { raiseImportVersion } from './import-versions.js';
import { PostgresJournal } from './journal.js';
import { phoneRegion } from './phone-number.js';
import { withTransaction } from './pool.js';

const KINDS = {
  sites,
  cells,
  links,
  neighbours,
  aliases,
  works,
  subscribers,
  presence,
  calls,
  optouts,
  roster,
  tickets,
  incidents,
} satisfies Record<string, ImportKind>;

/** What can be imported. */
export type ImportKindName = keyof typeof KINDS;
export const importKinds = Object.keys(KINDS) as readonly ImportKindName[];

/** How rows are read and merged. */
export interface ImportOptions {
  /** keys phone numbers: the installation's, see `openDatabase` */
  readonly phoneSecret: string;
  /** country of numbers without a country code; default FR */
  readonly region?: string;
  /** IANA zone of times without an offset; default UTC */
  readonly zone?: string;
  /** from when changed rows are valid, epoch ms; default: the present */
  readonly validFromMs?: number;
  /** the input is the whole inventory: rows it lacks end; default false */
  readonly isComplete?: boolean;
}

/** One row that could not be taken. */
export interface Reject {
  readonly line: number;
  readonly reason: string;
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
  readonly rows: Iterable<NumberedRow> | AsyncIterable<NumberedRow>;
  readonly onReject: (reject: Reject) => void | Promise<void>;
}

/**
 * Imports rows in one transaction: COPY into a temporary table, then a merge; what decisions must know
 * is journalled in it. Until it commits nobody sees any of it; importing the same again changes
 * nothing.
 * @throws TocsinError `input.file` for missing columns, when no row can be taken, or when one cannot
 * and the inventory is to be complete; `unavailable.*` from the database
 */
export async function importRows(
  pool: pg.Pool,
  name: ImportKindName,
  source: RowSource,
  options: ImportOptions,
): Promise<ImportCounts> {
  const kind: ImportKind = KINDS[name];
  const columns = resolveColumns(kind, name, source.columns);
  return withTransaction(pool, async (client) => {
    const context = await contextOf(client, columns, options);
    await client.query("set local work_mem = '128MB'");
    await client.query('select pg_advisory_xact_lock(hashtext($1))', [`tocsin import ${name}`]);
    await client.query(
      `create temp table ${STAGING} (line bigint, ${kind.staging}) on commit drop`,
    );
    await client.query(`create temp table ${REFUSED} (line bigint, reason text) on commit drop`);
    const reader = new RowReader(columns, options.zone ?? 'UTC');
    const tally: Tally = { rows: 0, rejected: 0, first: undefined };
    const reject = async (each: Reject): Promise<void> => {
      tally.rejected++;
      tally.first ??= each;
      await source.onReject(each);
    };
    const staged = stage(kind, reader, { context, source, tally, reject });
    await copyInto(client, STAGING, staged, await stagedColumns(client));
    await client.query(`analyze ${STAGING}`);
    await refuseRepeats(client, kind);
    const { inserted, updated } = await kind.merge(client, context);
    if (inserted + updated > 0) await raiseImportVersion(client, name);
    for await (const each of refused(client)) await reject(each);
    refuseAll(tally, context.isComplete);
    // Last, since it keeps other writers of the stream waiting until the commit.
    const facts = (await kind.facts?.(client, context)) ?? [];
    await new PostgresJournal(pool).appendWithin(client, CONTROL_STREAM, facts);
    const { rows, rejected } = tally;
    const unchanged = Math.max(0, rows - rejected - inserted - updated);
    return { rows, inserted, updated, unchanged, rejected };
  });
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
  readonly source: RowSource;
  readonly tally: Tally;
  readonly reject: (reject: Reject) => Promise<void>;
}

async function* stage(
  kind: ImportKind,
  reader: RowReader,
  { context, source, tally, reject }: Staging,
): AsyncGenerator<CopyValue[]> {
  const width = source.columns.length;
  for await (const [line, fields] of source.rows) {
    tally.rows++;
    reader.start(fields);
    if (fields.length !== width) reader.reject(`has ${fields.length} fields, allowed: ${width}`);
    const values = kind.read(reader, context);
    if (reader.problem === undefined) yield [line, ...values];
    else await reject({ line, reason: reader.problem });
  }
}

/** Columns that rows fill: those without a default. */
async function stagedColumns(client: pg.PoolClient): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select attname as name from pg_attribute
      where attrelid = $1::regclass and attnum > 0 and not atthasdef order by attnum`,
    [STAGING],
  );
  return rows.map(({ name }) => name);
}

async function refuseRepeats(client: pg.PoolClient, kind: ImportKind): Promise<void> {
  if (kind.key.length === 0) return;
  await client.query(
    `create temp table import_repeats on commit drop as
     select line, first from (select line, min(line) over (partition by ${kind.key.join(', ')}) as first
                                from ${STAGING}) as each where line > first`,
  );
  await refuse(
    client,
    's.line in (select line from import_repeats)',
    `'repeats line ' || (select first from import_repeats r where r.line = s.line)`,
  );
}

async function* refused(client: pg.PoolClient): AsyncGenerator<Reject> {
  await client.query(
    `declare refused_rows no scroll cursor for
     select distinct on (line) line, reason from ${REFUSED} order by line, reason`,
  );
  for (;;) {
    const page = await client.query<Reject>('fetch 10000 from refused_rows');
    if (page.rows.length === 0) return;
    yield* page.rows;
  }
}
