import type { Logger } from 'pino';
import type { DetectStage, IngestCounts, ModelStatus } from '../pipeline.js';
import type { DetectEvents } from '../runtime/decisions/ports.js';
import type { Health } from '../runtime/health.js';
import { Loop } from '../runtime/loop.js';
import type { Checkpoints, ShardHistory } from '../runtime/ports.js';
import type { StreamJournal } from '../runtime/routed-journal.js';
import { ShardRunner } from '../runtime/shard-runner.js';

export interface ShardsOptions {
  readonly journal: StreamJournal;
  readonly checkpoints: Checkpoints;
  readonly events: DetectEvents;
  readonly history: ShardHistory;
  readonly detect: (stream: string) => DetectStage;
  /** periods in seconds of the feeds that detection has lanes for */
  readonly lanes: ReadonlyMap<string, number>;
  readonly takeOver: (stream: string) => Promise<number>;
  /** vendors of cells in the network of this version or a later one */
  readonly vendors: (networkVersion: number) => Promise<ReadonlyMap<string, string>>;
  readonly ingested: (counts: IngestCounts) => void;
  readonly watched: (stream: string, models: readonly ModelStatus[]) => void;
  readonly checkpointMs: number;
  readonly health: Health;
  readonly log: Logger;
}

interface Running {
  readonly runner: ShardRunner;
  readonly loop: Loop;
}

/** The shards this process runs: a loop each, started and stopped as streams come and go. */
export class Shards {
  readonly #options: ShardsOptions;
  readonly #running = new Map<string, Running>();
  readonly #ending = new Map<string, Promise<void>>();

  constructor(options: ShardsOptions) {
    this.#options = options;
  }

  get streams(): string[] {
    return [...this.#running.keys()].sort();
  }

  start(streams: readonly string[]): void {
    for (const stream of streams) {
      if (this.#running.has(stream)) continue;
      const running = this.#create(stream);
      this.#running.set(stream, running);
      running.loop.start();
    }
  }

  /** Stops shards; with `save` each leaves a checkpoint of where it stands. */
  async stop(streams: readonly string[], save: boolean): Promise<void> {
    // All are taken out at once: a stream that comes back meanwhile is a new one.
    const endings = streams.map((stream) => {
      const running = this.#running.get(stream);
      if (!running) return undefined;
      this.#running.delete(stream);
      const ending = this.#end(stream, running, save);
      this.#ending.set(stream, ending);
      return ending;
    });
    const failures = (await Promise.allSettled(endings)).filter(
      (each) => each.status === 'rejected',
    );
    const [first] = failures;
    if (first) throw first.reason;
  }

  async #end(stream: string, { loop, runner }: Running, save: boolean): Promise<void> {
    await this.#ending.get(stream)?.catch(() => undefined);
    await loop.stop();
    if (save) await runner.checkpoint();
    this.#options.history.forget(stream);
  }

  /** Resolves once whoever ran a stream before, in this process, has let go of it. */
  async #former(stream: string): Promise<void> {
    const ending = this.#ending.get(stream);
    // Whatever came of its last checkpoint, the one before it is there to go on from.
    await ending?.catch(() => undefined);
    if (this.#ending.get(stream) === ending) this.#ending.delete(stream);
  }

  #create(stream: string): Running {
    const { journal, checkpoints, events, history, detect, takeOver, health, log } = this.#options;
    const runner = new ShardRunner({
      stream,
      journal,
      checkpoints,
      events,
      history,
      detect: () => detect(stream),
      takeOver,
      lanes: this.#options.lanes,
      vendors: this.#options.vendors,
      counted: this.#options.ingested,
      watched: (models) => this.#options.watched(stream, models),
      // In Postgres retention prunes by age; Kafka is told what a checkpoint covers.
      saved: async (offset) => {
        if (stream.startsWith('kafka:')) await journal.prune(stream, offset);
      },
      checkpointMs: this.#options.checkpointMs,
      wallNow: Date.now,
    });
    const former = this.#former(stream);
    const loop = new Loop({
      name: `shard ${stream}`,
      idleMs: 100,
      turn: (signal) => runner.turn(signal),
      recover: async () => {
        await former;
        await runner.recover();
      },
      health,
      log,
    });
    return { runner, loop };
  }
}
