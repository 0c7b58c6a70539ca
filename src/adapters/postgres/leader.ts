import type pg from 'pg';
import { messageOf, TocsinError } from '../../domain/errors.js';
import { connectDirect, mapPostgresError, withTransaction } from './pool.js';

const LEADER_LOCK = 7_236_142;

/** Name under which an owner of a stream has its epoch. */
export function epochName(name: string): string {
  return name === 'decisions' || name === 'leader' ? 'leader' : `shard:${name}`;
}

/**
 * Makes this process the owner of a stream: whoever held it before can write nothing any more.
 * @returns the new epoch, for `assertEpoch` and `Checkpoint.epoch`
 */
export async function takeOver(pool: pg.Pool, stream: string): Promise<number> {
  return withTransaction(pool, (client) => raiseEpoch(client, epochName(stream)));
}

async function raiseEpoch(client: pg.ClientBase, name: string): Promise<number> {
  const result = await client.query<{ epoch: number }>(
    `insert into epochs as e (name, epoch) values ($1, 1)
     on conflict (name) do update set epoch = e.epoch + 1 returning epoch`,
    [name],
  );
  const epoch = result.rows[0]?.epoch;
  if (epoch === undefined) throw new TocsinError('internal', `epoch ${name} could not be raised`);
  return epoch;
}

/**
 * Inside a transaction: makes sure that it commits only under this epoch. Holds the epoch's row
 * until the end, so that a successor waits for the commit rather than racing it.
 * @throws TocsinError `lease.lost` when somebody has taken over
 */
export async function assertEpoch(
  client: pg.ClientBase,
  name: string,
  epoch: number,
): Promise<void> {
  const result = await client.query<{ epoch: number }>(
    'select epoch from epochs where name = $1 for share',
    [epochName(name)],
  );
  const current = result.rows[0]?.epoch ?? 0;
  if (current === epoch) return;
  throw new TocsinError(
    'lease.lost',
    `${name} has another owner: epoch ${current}, ours is ${epoch}`,
  );
}

/**
 * The right to decide: an advisory lock on a connection of its own, never through a pool, with the
 * epoch raised in the same session.
 */
export class Leadership {
  readonly epoch: number;
  /** resolves with the reason when the connection, and so the lock, is gone */
  readonly lost: Promise<string>;
  readonly #client: pg.Client;
  #isHeld = true;

  private constructor(client: pg.Client, epoch: number) {
    this.#client = client;
    this.epoch = epoch;
    this.lost = new Promise((resolve) => {
      const lose = (reason: string): void => {
        this.#isHeld = false;
        resolve(reason);
      };
      client.on('error', (error) => lose(messageOf(error)));
      client.on('end', () => lose('the connection ended'));
    });
  }

  /**
   * @param url of the server itself: a transaction pooler in between would void the lock
   * @returns undefined while another process leads
   */
  static async tryAcquire(url: string): Promise<Leadership | undefined> {
    const client = await connectDirect(url, 'tocsin-leader');
    try {
      const result = await client.query<{ locked: boolean }>(
        'select pg_try_advisory_lock($1) as locked',
        [LEADER_LOCK],
      );
      if (result.rows[0]?.locked === true) {
        return new Leadership(client, await raiseEpoch(client, 'leader'));
      }
    } catch (error) {
      await client.end().catch(() => undefined);
      throw mapPostgresError(error);
    }
    await client.end();
    return undefined;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Asks the server, so that a connection that died in silence is noticed. */
  async check(): Promise<boolean> {
    if (!this.#isHeld) return false;
    try {
      await this.#client.query('select 1');
      return true;
    } catch {
      this.#isHeld = false;
      return false;
    }
  }

  /** For a deciding transaction. @throws TocsinError `lease.lost` */
  async assert(client: pg.ClientBase): Promise<void> {
    await assertEpoch(client, 'leader', this.epoch);
  }

  /** Lets another process lead. Idempotent. */
  async release(): Promise<void> {
    this.#isHeld = false;
    await this.#client.end().catch(() => undefined);
  }
}
