import type pg from 'pg';
import { TocsinError } from '../../domain/errors.js';
import type { Checkpoint, Checkpoints } from '../../runtime/ports.js';
import { assertEpoch } from './leader.js';
import { mapPostgresError, query, withTransaction } from './pool.js';

const CHUNK_BYTES = 8 * 1024 * 1024;

interface Head extends pg.QueryResultRow {
  readonly schema_version: number;
  readonly epoch: number;
  readonly stream_offset: number;
  readonly tick_ms: number;
  readonly version: number;
  readonly chunks: number;
  readonly bytes: number;
}

/**
 * Checkpoints in chunks of 8 MB. Chunks of a new version are written one by one, invisible to
 * `load`; one short transaction then points at them and deletes the old ones.
 */
export class PostgresCheckpoints implements Checkpoints {
  readonly #pool: pg.Pool;
  readonly #chunkBytes: number;

  constructor(pool: pg.Pool, chunkBytes = CHUNK_BYTES) {
    this.#pool = pool;
    this.#chunkBytes = chunkBytes;
  }

  async load(name: string): Promise<Checkpoint | undefined> {
    return withTransaction(this.#pool, async (client) => {
      // one snapshot, so that a save in between does not take the chunks away
      await client.query('set transaction isolation level repeatable read, read only');
      const found = await client.query<Head>('select * from checkpoints where name = $1', [name]);
      const head = found.rows[0];
      if (head === undefined) return undefined;
      return {
        schemaVersion: head.schema_version,
        epoch: head.epoch,
        streamOffset: head.stream_offset,
        tickMs: head.tick_ms,
        state: await readChunks(client, name, head),
      };
    });
  }

  async save(name: string, checkpoint: Checkpoint): Promise<void> {
    const { state } = checkpoint;
    const taken = await query<{ version: number }>(
      this.#pool,
      "select nextval('checkpoint_versions') as version",
    );
    const version = taken.rows[0]?.version ?? 0;
    let chunks = 0;
    for (let at = 0; at < state.byteLength; at += this.#chunkBytes, chunks++) {
      const part = state.subarray(at, at + this.#chunkBytes);
      await query(
        this.#pool,
        'insert into checkpoint_chunks (name, version, chunk, bytes) values ($1, $2, $3, $4)',
        [name, version, chunks, Buffer.from(part.buffer, part.byteOffset, part.byteLength)],
      );
    }
    await withTransaction(this.#pool, (client) =>
      swap(client, name, checkpoint, { version, chunks }),
    ).catch(async (error: unknown) => {
      if (error instanceof TocsinError && error.code === 'lease.lost') {
        await dropChunks(this.#pool, name, version);
      }
      throw error;
    });
  }
}

async function readChunks(client: pg.PoolClient, name: string, head: Head): Promise<Uint8Array> {
  const state = new Uint8Array(head.bytes);
  let at = 0;
  for (let chunk = 0; chunk < head.chunks; chunk++) {
    const result = await client.query<{ bytes: Buffer }>(
      'select bytes from checkpoint_chunks where name = $1 and version = $2 and chunk = $3',
      [name, head.version, chunk],
    );
    const bytes = result.rows[0]?.bytes;
    if (bytes === undefined) break;
    state.set(bytes, at);
    at += bytes.length;
  }
  if (at === head.bytes) return state;
  throw new TocsinError(
    'internal',
    `checkpoint ${name} holds ${at} of ${head.bytes} bytes: restore the database, or delete its row in table checkpoints to start from the journal`,
  );
}

async function swap(
  client: pg.PoolClient,
  name: string,
  checkpoint: Checkpoint,
  stored: { readonly version: number; readonly chunks: number },
): Promise<void> {
  const { schemaVersion, epoch, streamOffset, tickMs, state } = checkpoint;
  await assertEpoch(client, name, epoch);
  await client.query(
    `insert into checkpoints
       (name, schema_version, epoch, stream_offset, tick_ms, version, chunks, bytes)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (name) do update set schema_version = excluded.schema_version,
       epoch = excluded.epoch, stream_offset = excluded.stream_offset,
       tick_ms = excluded.tick_ms, version = excluded.version, chunks = excluded.chunks,
       bytes = excluded.bytes, saved_at = now()`,
    [
      name,
      schemaVersion,
      epoch,
      streamOffset,
      tickMs,
      stored.version,
      stored.chunks,
      state.byteLength,
    ],
  );
  await client.query('delete from checkpoint_chunks where name = $1 and version <> $2', [
    name,
    stored.version,
  ]);
}

async function dropChunks(pool: pg.Pool, name: string, version: number): Promise<void> {
  await pool
    .query('delete from checkpoint_chunks where name = $1 and version = $2', [name, version])
    .catch((error: unknown) => {
      throw mapPostgresError(error);
    });
}
