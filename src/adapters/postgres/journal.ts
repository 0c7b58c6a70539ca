import type pg from 'pg';
import type { Fact, JournalEntry, SourcePosition } from '../../domain/facts.js';
import type { Journal, StreamFacts } from '../../runtime/ports.js';
import { decodeFact, encodeFact } from './fact-codec.js';
import { query, withTransaction } from './pool.js';

/** One read hands over at most this much, so that large blocks cannot fill the memory. */
const READ_BYTES = 32 * 1024 * 1024;
const ROWS_PER_STATEMENT = 500;
const BYTES_PER_STATEMENT = 16 * 1024 * 1024;

/** The journal in a table, and how far each source has been read. */
export class PostgresJournal implements Journal {
  readonly #pool: pg.Pool;
  readonly #readBytes: number;

  constructor(pool: pg.Pool, readBytes = READ_BYTES) {
    this.#pool = pool;
    this.#readBytes = readBytes;
  }

  async append(
    stream: string,
    facts: readonly Fact[],
    ...positions: readonly SourcePosition[]
  ): Promise<number> {
    const last = await this.#write([{ stream, rows: facts.map(toRow) }], positions);
    return last ?? this.lastOffset(stream);
  }

  async appendAll(
    batches: readonly StreamFacts[],
    positions: readonly SourcePosition[] = [],
  ): Promise<void> {
    // in one order of streams, so that two writers cannot wait for each other
    const sorted = [...batches].sort((a, b) => (a.stream < b.stream ? -1 : 1));
    await this.#write(
      sorted.map(({ stream, facts }) => ({ stream, rows: facts.map(toRow) })),
      positions,
    );
  }

  /** As `append`, as part of a transaction: the stream is locked until that ends. */
  async appendWithin(client: pg.PoolClient, stream: string, facts: readonly Fact[]): Promise<void> {
    for (const part of parts(facts.map(toRow))) {
      const { text, values } = insertStatement(stream, part);
      await client.query(text, values);
    }
  }

  /** @returns the last offset taken, undefined when there were no facts */
  async #write(
    batches: readonly StreamRows[],
    positions: readonly SourcePosition[],
  ): Promise<number | undefined> {
    const statements = batches.flatMap(({ stream, rows }) =>
      [...parts(rows)].map((part) => insertStatement(stream, part)),
    );
    const [only] = statements;
    // One statement is a transaction of its own and waits for the database once instead of thrice.
    if (only !== undefined && statements.length === 1 && positions.length === 0) {
      return lastOf(await query<LastOffset>(this.#pool, only.text, only.values));
    }
    return withTransaction(this.#pool, async (client) => {
      let last: number | undefined;
      for (const { text, values } of statements) {
        last = lastOf(await client.query<LastOffset>(text, values));
      }
      await savePositions(client, positions);
      return last;
    });
  }

  async read(stream: string, afterOffset: number, maxEntries: number): Promise<JournalEntry[]> {
    const result = await query<{ offset: number; kind: string; payload: Buffer }>(
      this.#pool,
      `select "offset", kind, payload
         from (select "offset", kind, payload,
                      sum(octet_length(payload)) over (order by "offset") - octet_length(payload)
                        as bytes_before
                 from (select "offset", kind, payload from journal
                        where stream = $1 and "offset" > $2 order by "offset" limit $3) as page
              ) as sized
        where bytes_before < $4 order by "offset"`,
      [stream, afterOffset, maxEntries, this.#readBytes],
    );
    return result.rows.map(({ offset, kind, payload }) => ({
      offset,
      fact: decodeFact(kind, payload),
    }));
  }

  async lastOffset(stream: string): Promise<number> {
    const result = await query<{ next_offset: number }>(
      this.#pool,
      'select next_offset from journal_streams where stream = $1',
      [stream],
    );
    return (result.rows[0]?.next_offset ?? 0) - 1;
  }

  async prune(stream: string, throughOffset: number): Promise<number> {
    const result = await query(
      this.#pool,
      'delete from journal where stream = $1 and "offset" <= $2',
      [stream, throughOffset],
    );
    return result.rowCount ?? 0;
  }

  /** @returns what was stored with the last accepted batch of this source, or undefined */
  async position(source: string): Promise<unknown> {
    const result = await query<{ position: unknown }>(
      this.#pool,
      'select position from source_positions where source = $1',
      [source],
    );
    return result.rows[0]?.position;
  }
}

interface Row {
  readonly kind: string;
  readonly payload: Buffer;
}

interface StreamRows {
  readonly stream: string;
  readonly rows: readonly Row[];
}

interface Statement {
  readonly text: string;
  readonly values: unknown[];
}

interface LastOffset {
  readonly last: number;
}

const toRow = (fact: Fact): Row => ({ kind: fact.kind, payload: encodeFact(fact) });

function* parts(rows: readonly Row[]): Generator<readonly Row[]> {
  let from = 0;
  let bytes = 0;
  for (let at = 0; at < rows.length; at++) {
    bytes += rows[at]?.payload.length ?? 0;
    if (at + 1 - from < ROWS_PER_STATEMENT && bytes < BYTES_PER_STATEMENT) continue;
    yield rows.slice(from, at + 1);
    from = at + 1;
    bytes = 0;
  }
  if (from < rows.length) yield rows.slice(from);
}

/** Takes the stream's next offsets, which locks it until the transaction ends, and fills them. */
function insertStatement(stream: string, rows: readonly Row[]): Statement {
  const values: unknown[] = [stream, rows.length];
  const tuples = rows.map(({ kind, payload }, place) => {
    values.push(kind, payload);
    return `(${place}, $${values.length - 1}::text, $${values.length}::bytea)`;
  });
  const text = `with taken as (
       insert into journal_streams as s (stream, next_offset) values ($1, $2::bigint)
       on conflict (stream) do update set next_offset = s.next_offset + excluded.next_offset
       returning next_offset
     ), added as (
       insert into journal (stream, "offset", kind, payload)
       select $1, next_offset - $2::bigint + place, kind, payload
         from taken, (values ${tuples.join(', ')}) as given(place, kind, payload)
     )
     select next_offset - 1 as last from taken`;
  return { text, values };
}

function lastOf(result: pg.QueryResult<LastOffset>): number | undefined {
  return result.rows[0]?.last;
}

async function savePositions(
  client: pg.PoolClient,
  positions: readonly SourcePosition[],
): Promise<void> {
  for (const { source, position } of positions) {
    await client.query(
      `insert into source_positions (source, position) values ($1, $2)
       on conflict (source) do update set position = excluded.position, updated_at = now()`,
      [source, JSON.stringify(position ?? null)],
    );
  }
}
