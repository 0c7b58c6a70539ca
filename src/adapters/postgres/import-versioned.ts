import type pg from 'pg';
import { affected, type ImportContext, type MergeCounts, STAGING } from './import-kind.js';

/** A table whose rows are valid from a time to a time, the current one to infinity. */
export interface VersionedTable {
  readonly table: string;
  readonly key: readonly string[];
  readonly attributes: readonly string[];
}

/**
 * Brings a versioned table to what staging says. A row that says the same stays; a changed one ends
 * at `validFrom` and a new one begins there, columns the input lacks being carried over; a row never
 * seen before is valid since ever. With `isComplete` a row that staging lacks ends.
 */
export async function mergeVersioned(
  client: pg.PoolClient,
  target: VersionedTable,
  context: ImportContext,
): Promise<MergeCounts> {
  const { table, key, attributes } = target;
  const given = attributes.filter((name) => context.columns.has(name));
  const onKey = key.map((name) => `t.${name} = s.${name}`).join(' and ');
  const from = [context.validFrom];
  if (given.length > 0) {
    const tuple = (alias: string): string => given.map((name) => `${alias}.${name}`).join(', ');
    await client.query(
      `create temp table import_changed on commit drop as
       select s.line, t.valid_from from ${STAGING} s join ${table} t
         on ${onKey} and t.valid_to = 'infinity'
        where (${tuple('s')}) is distinct from (${tuple('t')})`,
    );
  } else {
    await client.query(
      'create temp table import_changed (line bigint, valid_from timestamptz) on commit drop',
    );
  }
  const inserted = await insertNew(client, target, onKey, from);
  const changed = await openVersions(client, target, { given, onKey, from });
  const ended = context.isComplete ? await endMissing(client, table, onKey, from) : 0;
  await client.query('drop table import_changed');
  return { inserted, updated: changed + ended };
}

async function insertNew(
  client: pg.PoolClient,
  { table, key, attributes }: VersionedTable,
  onKey: string,
  from: readonly string[],
): Promise<number> {
  const names = [...key, ...attributes].join(', ');
  const values = [...key, ...attributes].map((name) => `s.${name}`).join(', ');
  return affected(
    client,
    `insert into ${table} (${names}, valid_from)
     select ${values}, case when exists (select from ${table} t where ${onKey})
                            then $1::timestamptz else '-infinity' end
       from ${STAGING} s
      where not exists (select from ${table} t where ${onKey} and t.valid_to = 'infinity')`,
    from,
  );
}

interface Change {
  readonly given: readonly string[];
  readonly onKey: string;
  readonly from: readonly string[];
}

async function openVersions(
  client: pg.PoolClient,
  { table, key, attributes }: VersionedTable,
  { given, onKey, from }: Change,
): Promise<number> {
  const names = [...key, ...attributes].join(', ');
  const values = [...key, ...attributes]
    .map((name) => (given.includes(name) || key.includes(name) ? `s.${name}` : `t.${name}`))
    .join(', ');
  const join = `${STAGING} s join import_changed c on c.line = s.line`;
  const opened = await affected(
    client,
    `with ended as (
       update ${table} t set valid_to = $1::timestamptz from ${join}
        where ${onKey} and t.valid_from = c.valid_from and t.valid_from < $1::timestamptz
        returning t.*)
     insert into ${table} (${names}, valid_from)
     select ${values}, $1::timestamptz from ${join} join ended t on ${onKey}`,
    from,
  );
  if (given.length === 0) return opened;
  // a row that began only now, or will begin later, has no past to keep
  const rewritten = await affected(
    client,
    `update ${table} t set ${given.map((name) => `${name} = s.${name}`).join(', ')} from ${join}
      where ${onKey} and t.valid_from = c.valid_from and t.valid_to = 'infinity'
        and t.valid_from >= $1::timestamptz`,
    from,
  );
  return opened + rewritten;
}

async function endMissing(
  client: pg.PoolClient,
  table: string,
  onKey: string,
  from: readonly string[],
): Promise<number> {
  return affected(
    client,
    `update ${table} t set valid_to = $1::timestamptz
      where t.valid_to = 'infinity' and t.valid_from < $1::timestamptz
        and not exists (select from ${STAGING} s where ${onKey})`,
    from,
  );
}

/** Leaves in staging only what is new or changed. */
export async function dropUnchanged(client: pg.PoolClient, target: VersionedTable): Promise<void> {
  const { table, key, attributes } = target;
  const tuple = (alias: string): string => attributes.map((name) => `${alias}.${name}`).join(', ');
  await client.query(
    `delete from ${STAGING} s using ${table} t
      where ${key.map((name) => `t.${name} = s.${name}`).join(' and ')}
        and (${tuple('t')}) is not distinct from (${tuple('s')})`,
  );
}
