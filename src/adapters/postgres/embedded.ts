import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { messageOf } from '../../domain/errors.js';
import {
  type Cluster,
  openCluster,
  runningServer,
  startServer,
  stopServer,
} from './embedded-cluster.js';
import { connectDirect } from './pool.js';

/** How to run the server. `settings` are added to, and win over, the built-in ones. */
export interface EmbeddedOptions {
  /** holds the cluster, its password and its log; created when absent */
  readonly dataDir: string;
  /** default: a free port, chosen at each start */
  readonly port?: number;
  readonly log?: (line: string) => void;
  readonly settings?: Readonly<Record<string, string>>;
}

/** A running server. `url` names the database `tocsin` and holds the password. */
export interface EmbeddedPostgres {
  readonly url: string;
  /** Stops the server, unless another process of this machine still uses it. Idempotent. */
  stop(): Promise<void>;
}

const HOLDER = 'tocsin-embedded-holder';
const ANSWER_MS = 250;
/** A server that recovers after a crash may take minutes; it is not stopped meanwhile. */
const PATIENCE_MS = 600_000;
const RESTART_MS = 1000;

/**
 * Starts a real PostgreSQL on loopback, password only, whose data stay in `dataDir`. A server that
 * a killed process left behind is adopted when it answers, else stopped and started anew; one that
 * another live process uses is shared; one that dies meanwhile is started again on its port.
 *
 * @throws TocsinError `input.config` (folder not reachable, port in use), `unavailable.disk`, or
 * `unavailable.postgres` with the end of the server's log
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const cluster = await openCluster(resolve(options.dataDir), options.log ?? (() => undefined));
  const server = new EmbeddedServer(cluster, options);
  await server.open();
  return server;
}

class EmbeddedServer implements EmbeddedPostgres {
  readonly #cluster: Cluster;
  readonly #settings: Readonly<Record<string, string>>;
  #port: number | undefined;
  /** one connection as the sign of use: it vanishes with this process, however that ends */
  #holder: pg.Client | undefined;
  #stopping: Promise<void> | undefined;
  #restarting: Promise<void> = Promise.resolve();
  readonly #abort = new AbortController();

  constructor(cluster: Cluster, options: EmbeddedOptions) {
    this.#cluster = cluster;
    this.#settings = options.settings ?? {};
    this.#port = options.port;
  }

  get url(): string {
    return this.#urlOf('tocsin');
  }

  /** Takes the server that runs, or starts one. */
  async open(): Promise<void> {
    if (await this.#adopt()) return;
    this.#port ??= await freePort();
    await startServer(this.#cluster, this.#port, this.#settings);
    await this.#hold();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#release();
    return this.#stopping;
  }

  #urlOf(database: string): string {
    return `postgres://tocsin:${this.#cluster.password}@127.0.0.1:${this.#port}/${database}`;
  }

  async #adopt(): Promise<boolean> {
    const { log } = this.#cluster;
    const wanted = this.#port;
    for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += ANSWER_MS) {
      const found = await runningServer(this.#cluster);
      if (found === undefined) {
        this.#port = wanted;
        return false;
      }
      if (wanted !== undefined && found.port !== wanted) break;
      this.#port = found.port;
      try {
        await this.#hold();
        log(`using the embedded Postgres that already runs (process ${found.pid})`);
        return true;
      } catch (error) {
        const code = (error as { cause?: { code?: unknown } }).cause?.code;
        // 57P03: starting up or shutting down, it will be one or the other soon
        if (code !== '57P03' && found.port > 0) break;
        await delay(ANSWER_MS);
      }
    }
    log('stopping an embedded Postgres that does not answer');
    this.#port = wanted;
    await stopServer(this.#cluster);
    return false;
  }

  async #hold(): Promise<void> {
    const holder = await connectDirect(this.#urlOf('postgres'), HOLDER);
    const present = await holder.query("select 1 from pg_database where datname = 'tocsin'");
    if (present.rowCount === 0) await createDatabase(holder);
    this.#holder = holder;
    holder.once('end', () => {
      if (this.#stopping === undefined) this.#restarting = this.#restart();
    });
  }

  /** The server is gone though nobody stopped it: brings it back, for as long as it takes. */
  async #restart(): Promise<void> {
    const { log } = this.#cluster;
    while (this.#stopping === undefined) {
      log('the embedded Postgres is gone, starting it again');
      try {
        await this.open();
        return;
      } catch (error) {
        log(`the embedded Postgres does not come back: ${messageOf(error)}`);
        // Rejects only when stopped, which the loop sees by itself.
        await delay(RESTART_MS, undefined, { signal: this.#abort.signal }).catch(() => undefined);
      }
    }
  }

  async #release(): Promise<void> {
    this.#abort.abort();
    await this.#restarting;
    const others = await this.#holder
      ?.query<{ count: number }>(
        `select count(*)::int as count from pg_stat_activity
          where application_name = $1 and pid <> pg_backend_pid()`,
        [HOLDER],
      )
      .then((result) => result.rows[0]?.count ?? 0)
      .catch(() => 0);
    // Its connection may have gone with the server; there is nothing left to give back then.
    await this.#holder?.end().catch(() => undefined);
    if ((others ?? 0) === 0) await stopServer(this.#cluster);
  }
}

async function createDatabase(holder: pg.Client): Promise<void> {
  await holder.query('create database tocsin').catch((error: { code?: string }) => {
    // another process was first
    if (error.code !== '42P04' && error.code !== '23505') throw error;
  });
}

/** A port nobody listens on at this moment, on loopback. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.on('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      probe.close(() => done(port));
    });
  });
}
