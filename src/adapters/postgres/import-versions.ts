import type pg from 'pg';
import type { Fact } from '../../domain/facts.js';
import type { TopologyRows } from '../../domain/topology-rows.js';
import { query } from './pool.js';
import { loadTopology } from './topology.js';

/** What correlate stands on, and what decoding does. */
const OF_THE_NETWORK = ['sites', 'cells', 'links', 'neighbours', 'works'] as const;
const OF_DECODING = ['sites', 'cells', 'links', 'aliases'] as const;

/** Says, in the import's transaction, that something of this kind has changed. */
export async function raiseImportVersion(client: pg.ClientBase, kind: string): Promise<void> {
  await client.query(
    `insert into import_versions as v (kind, version) values ($1, 1)
     on conflict (kind) do update set version = v.version + 1, changed_at = now()`,
    [kind],
  );
}

async function versionOf(pool: pg.Pool, kinds: readonly string[]): Promise<number> {
  const { rows } = await query<{ version: number }>(
    pool,
    'select coalesce(sum(version), 0)::bigint as version from import_versions where kind = any($1)',
    [kinds],
  );
  return rows[0]?.version ?? 0;
}

/** Version of aliases and of the objects they lead to; rises with every import that changed any. */
export function decodingVersion(pool: pg.Pool): Promise<number> {
  return versionOf(pool, OF_DECODING);
}

/** What the decisions are told of an import of past calls: to read them anew. */
export async function callHistoryFacts(client: pg.ClientBase): Promise<Fact[]> {
  const { rows } = await client.query<{ version: number }>(
    "select version::int as version from import_versions where kind = 'calls'",
  );
  return rows.map(({ version }) => ({ kind: 'callHistory', items: [{ version }] }));
}

/** Rises with every import that changed past calls. */
export function callsVersion(pool: pg.Pool): Promise<number> {
  return versionOf(pool, ['calls']);
}

/** The network in the database, read again only when an import has changed it. */
export class StoredNetwork {
  readonly #pool: pg.Pool;
  readonly #nowMs: () => number;
  #loaded = -1;

  /** @param nowMs network time, of which the rows are to be valid */
  constructor(pool: pg.Pool, nowMs: () => number) {
    this.#pool = pool;
    this.#nowMs = nowMs;
  }

  /** Rises with every import that changed anything. */
  version(): Promise<number> {
    return versionOf(this.#pool, OF_THE_NETWORK);
  }

  async load(): Promise<TopologyRows> {
    // Read before the rows: at worst they are newer than it says, and are read once more.
    const version = await this.version();
    const rows = await loadTopology(this.#pool, this.#nowMs());
    this.#loaded = version;
    return rows;
  }

  /** @returns the rows, or undefined when those of this version or a later one were loaded last */
  async newerThanLoaded(version: number): Promise<TopologyRows | undefined> {
    return version > this.#loaded ? this.load() : undefined;
  }
}
