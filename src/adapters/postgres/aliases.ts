import type pg from 'pg';
import type { ObjectType } from '../../domain/ids.js';
import type { AliasResolver } from '../../sources/ports.js';
import { decodingVersion } from './import-versions.js';
import { withTransaction } from './pool.js';

interface Validity {
  readonly objectId: string;
  readonly fromMs: number;
  readonly toMs: number;
}

interface Loaded {
  readonly bySystem: ReadonlyMap<string, ReadonlyMap<string, readonly Validity[]>>;
  readonly inventory: Readonly<Record<ObjectType, ReadonlySet<string>>>;
}

const NOTHING: Loaded = {
  bySystem: new Map(),
  inventory: { cell: new Set(), site: new Set(), link: new Set(), function: new Set() },
};

/** Alias tables and the present inventory in memory; as old as the last `refresh`. */
export class AliasTable implements AliasResolver {
  readonly #pool: pg.Pool;
  #loaded: Loaded = NOTHING;
  #version = 0;
  /** version of the imports that `follow` last saw */
  #followed = -1;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  get version(): number {
    return this.#version;
  }

  /** Reads both anew if an import has changed them since the last time it was asked. */
  async follow(): Promise<void> {
    const version = await decodingVersion(this.#pool);
    if (version === this.#followed) return;
    await this.refresh();
    this.#followed = version;
  }

  /** Reads both anew; until it succeeds the former content stays. @throws as `withTransaction` */
  async refresh(): Promise<void> {
    this.#loaded = await withTransaction(this.#pool, async (client) => {
      await client.query('set transaction isolation level repeatable read, read only');
      return { bySystem: await loadAliases(client), inventory: await loadInventory(client) };
    });
    this.#version++;
  }

  resolve(system: string, alias: string, atMs: number): string | undefined {
    const validities = this.#loaded.bySystem.get(system)?.get(alias);
    return validities?.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs)?.objectId;
  }

  isKnown(objectType: ObjectType, objectId: string): boolean {
    const known = this.#loaded.inventory[objectType];
    return known.size === 0 || known.has(objectId);
  }
}

async function loadAliases(client: pg.PoolClient): Promise<Loaded['bySystem']> {
  const result = await client.query<{
    system: string;
    alias: string;
    object_id: string;
    from_ms: number;
    to_ms: number;
  }>(
    `select system, alias, object_id, (extract(epoch from valid_from) * 1000)::float8 as from_ms,
            (extract(epoch from valid_to) * 1000)::float8 as to_ms
       from network_aliases order by system, alias, valid_from desc`,
  );
  const bySystem = new Map<string, Map<string, Validity[]>>();
  for (const row of result.rows) {
    const aliases = bySystem.get(row.system) ?? new Map<string, Validity[]>();
    bySystem.set(row.system, aliases);
    const validity = { objectId: row.object_id, fromMs: row.from_ms, toMs: row.to_ms };
    const others = aliases.get(row.alias);
    if (others === undefined) aliases.set(row.alias, [validity]);
    else others.push(validity);
  }
  return bySystem;
}

async function loadInventory(client: pg.PoolClient): Promise<Loaded['inventory']> {
  const ids = async (sql: string): Promise<Set<string>> =>
    new Set((await client.query<{ id: string }>(sql)).rows.map((row) => row.id));
  return {
    cell: await ids("select cell_id as id from cells where valid_to = 'infinity'"),
    site: await ids("select site_id as id from sites where valid_to = 'infinity'"),
    link: await ids("select link_id as id from links where valid_to = 'infinity'"),
    // power, controllers and core functions stand in the inventory as what others depend on
    function: await ids("select parent_id as id from links where valid_to = 'infinity'"),
  };
}
