import type pg from 'pg';
import type { Fact } from '../../domain/facts.js';
import type { VisitorRules } from '../../impact/visitors.js';
import type { CopyValue } from './copy.js';
import type { RowReader } from './import-row.js';
import type { toE164 } from './phone-number.js';

/** The name under which rows wait for the merge. */
export const STAGING = 'import_staging';
/** Rows the merge refused: (line, reason). */
export const REFUSED = 'import_refused';

/** What reading and merging need besides the rows. */
export interface ImportContext {
  /** columns the input has, as the kind spells them */
  readonly columns: ReadonlySet<string>;
  /** keys phone numbers and IMSIs */
  readonly phoneSecret: string;
  readonly region: Parameters<typeof toE164>[1];
  /** tell phones of other networks by; absent: none is told */
  readonly visitors?: VisitorRules;
  /** from when changed rows are valid, ISO 8601 */
  readonly validFrom: string;
  /** rows the input lacks end: it is the whole inventory */
  readonly isComplete: boolean;
  /** whether anybody has been erased: only then identifiers are held against the erased ones */
  readonly hasErasures: boolean;
}

/** What a merge did to the tables. */
export interface MergeCounts {
  readonly inserted: number;
  readonly updated: number;
  /** rows that were added to another row of the input; absent: none */
  readonly joined?: number;
}

/** How one kind of file becomes rows of our tables. */
export interface ImportKind {
  /** accepted columns; the first of several names is ours, the others are read as it */
  readonly columns: readonly (readonly [name: string, ...others: string[]])[];
  /** each group needs at least one of its columns */
  readonly required: readonly (readonly string[])[];
  /** columns of the staging table after `line`, as SQL; `read` leaves out those with a default */
  readonly staging: string;
  /** Fields of a row in staging order; calls `row.reject` when it cannot be taken. */
  read(row: RowReader, context: ImportContext): CopyValue[];
  /** Begins what puts numbers in place of names in rows read, before they are staged; absent: nothing. */
  resolver?(): (client: pg.PoolClient, rows: readonly CopyValue[][]) => Promise<void>;
  /** columns that make a row the same thing: a repeat in one input is refused */
  readonly key: readonly string[];
  merge(client: pg.PoolClient, context: ImportContext): Promise<MergeCounts>;
  /** What decisions are told, from what `merge` has left in staging; absent: nothing. */
  facts?(client: pg.PoolClient, context: ImportContext): Promise<Fact[]>;
  /**
   * files of it may have millions of rows: what was read before a kill is kept, and these tables are
   * vacuumed afterwards, so that they are read by their indexes alone
   */
  readonly largeTables?: readonly string[];
}

/** Runs a statement that counts as inserted or updated rows. */
export async function affected(
  client: pg.PoolClient,
  sql: string,
  values: readonly unknown[] = [],
): Promise<number> {
  return (await client.query(sql, [...values])).rowCount ?? 0;
}

/** Moves rows out of staging, with the reason. @param condition on `s`, a staging row */
export async function refuse(
  client: pg.PoolClient,
  condition: string,
  reason: string,
  values: readonly unknown[] = [],
): Promise<void> {
  await client.query(
    `with gone as (delete from ${STAGING} s where ${condition} returning s.*)
     insert into ${REFUSED} (line, reason) select line, ${reason} from gone s`,
    [...values],
  );
}
