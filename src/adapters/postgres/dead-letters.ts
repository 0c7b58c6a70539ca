import type pg from 'pg';
import type { DeadLetter } from '../../domain/facts.js';
import type { DeadLetters } from '../../sources/ports.js';
import { withTransaction } from './pool.js';

/** Settings of the dead letters, each a bound. */
export interface DeadLetterOptions {
  /** rows kept for one feed and reason, the newest ones; default 100 */
  readonly kept?: number;
  /** samples of one feed and reason taken between two writes; default 10 */
  readonly sampled?: number;
  /** longest payload kept, the rest is cut; default 64 KB */
  readonly payloadBytes?: number;
  /** pause between writes; default 1 s */
  readonly flushMs?: number;
  /** different feed, source and reason together; beyond it they are counted as feed `other` */
  readonly groups?: number;
  /** told of every letter, for metrics */
  readonly onLetter?: (letter: DeadLetter) => void;
  /** told when a write failed; it is tried again */
  readonly onError?: (error: unknown) => void;
}

interface Group {
  readonly feed: string;
  readonly source: string;
  readonly reason: string;
  count: number;
  samples: { detail: string; payload: Buffer }[];
}

/** Counts every letter, keeps samples, writes both now and then. */
export class PostgresDeadLetters implements DeadLetters {
  readonly #pool: pg.Pool;
  readonly #options: Required<Omit<DeadLetterOptions, 'onLetter' | 'onError'>>;
  readonly #onLetter: (letter: DeadLetter) => void;
  readonly #onError: (error: unknown) => void;
  #groups = new Map<string, Group>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #writing: Promise<void> = Promise.resolve();

  constructor(pool: pg.Pool, options: DeadLetterOptions = {}) {
    this.#pool = pool;
    this.#options = {
      kept: options.kept ?? 100,
      sampled: options.sampled ?? 10,
      payloadBytes: options.payloadBytes ?? 65_536,
      flushMs: options.flushMs ?? 1000,
      groups: options.groups ?? 1000,
    };
    this.#onLetter = options.onLetter ?? (() => undefined);
    this.#onError = options.onError ?? (() => undefined);
  }

  record(letter: DeadLetter): void {
    this.#onLetter(letter);
    const group = this.#groupOf(letter);
    group.count++;
    if (group.samples.length < this.#options.sampled) {
      const bytes = Buffer.from(letter.payload as Uint8Array);
      group.samples.push({
        detail: storable(letter.detail).slice(0, 2000),
        payload: Buffer.from(bytes.subarray(0, this.#options.payloadBytes)),
      });
    }
    this.#schedule();
  }

  /** Writes what is gathered; a failure keeps it for the next time. Never throws. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  /** Writes the rest and stops. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.flush();
  }

  #groupOf(letter: DeadLetter): Group {
    let feed = storable(letter.feed);
    const { source, reason } = letter;
    let key = `${feed}\u001f${source}\u001f${reason}`;
    let group = this.#groups.get(key);
    if (group === undefined && this.#groups.size >= this.#options.groups) {
      feed = 'other';
      key = `${feed}\u001f${source}\u001f${reason}`;
      group = this.#groups.get(key);
    }
    if (group === undefined) {
      group = { feed, source, reason, count: 0, samples: [] };
      this.#groups.set(key, group);
    }
    return group;
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.flush();
    }, this.#options.flushMs);
    this.#timer.unref();
  }

  async #write(): Promise<void> {
    const groups = this.#groups;
    if (groups.size === 0) return;
    this.#groups = new Map();
    try {
      await withTransaction(this.#pool, (client) => this.#store(client, [...groups.values()]));
    } catch (error) {
      this.#onError(error);
      this.#takeBack(groups);
    }
  }

  #takeBack(groups: ReadonlyMap<string, Group>): void {
    for (const [key, old] of groups) {
      const newer = this.#groups.get(key);
      if (newer === undefined) this.#groups.set(key, old);
      else {
        newer.count += old.count;
        newer.samples = [...old.samples, ...newer.samples].slice(0, this.#options.sampled);
      }
    }
    this.#schedule();
  }

  async #store(client: pg.PoolClient, groups: readonly Group[]): Promise<void> {
    // in one order, so that two instances cannot wait for each other
    const sorted = [...groups].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    const columns = [
      sorted.map((each) => each.feed),
      sorted.map((each) => each.source),
      sorted.map((each) => each.reason),
    ];
    await client.query(
      `insert into dead_letter_counts as c (feed, source, reason, count)
       select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
       on conflict (feed, source, reason, day)
         do update set count = c.count + excluded.count, last_at = now()`,
      [...columns, sorted.map((each) => each.count)],
    );
    for (const group of sorted) {
      for (const { detail, payload } of group.samples) {
        await client.query(
          'insert into dead_letters (feed, source, reason, detail, payload) values ($1, $2, $3, $4, $5)',
          [group.feed, group.source, group.reason, detail, payload],
        );
      }
    }
    await client.query(
      `delete from dead_letters using unnest($1::text[], $2::text[]) as g (feed, reason)
       where dead_letters.feed = g.feed and dead_letters.reason = g.reason and dead_letters.id <=
         (select id from dead_letters d where d.feed = g.feed and d.reason = g.reason
          order by id desc offset $3 limit 1)`,
      [columns[0], columns[2], this.#options.kept],
    );
  }
}

const keyOf = (group: Group): string => `${group.feed}\u001f${group.source}\u001f${group.reason}`;

/** Postgres text cannot hold U+0000. */
function storable(text: string): string {
  return text.replaceAll('\u0000', '\ufffd');
}
