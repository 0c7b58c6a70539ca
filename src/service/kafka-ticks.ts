import type { JournalEntry } from '../domain/facts.js';
import { DETECTION_STREAM, type Journal } from '../runtime/ports.js';
import type { StreamJournal } from '../runtime/routed-journal.js';

/** The part of a Kafka journal that takes facts which are no records of it. */
export interface PlacingJournal extends Pick<StreamJournal, 'append'> {
  readonly streams: readonly string[];
  isCaughtUp(stream: string): Promise<boolean>;
  appendActs(stream: string, entries: readonly JournalEntry[]): Promise<void>;
  actsThrough(stream: string): Promise<number>;
}

const ACTS_PER_TICK = 100;

/**
 * Ticks partitions that are journals themselves. Before a tick come what operators did to detection
 * since the last one, and a change of the network: each stream gets every one of them once, in the
 * order of the journal, whenever it takes part again.
 */
export class KafkaTicks {
  readonly #kafka: PlacingJournal;
  readonly #postgres: Pick<Journal, 'read' | 'lastOffset'>;
  /** by stream: offset up to which acts have a place there; unknown at first and after a failure */
  readonly #actsThrough = new Map<string, number>();
  /** by stream: version of the network it was last told of, unknown after a start */
  readonly #networks = new Map<string, number>();

  constructor(kafka: PlacingJournal, postgres: Pick<Journal, 'read' | 'lastOffset'>) {
    this.#kafka = kafka;
    this.#postgres = postgres;
  }

  /** @param networkVersion rises with every import that changes the network */
  async tick(nowMs: number, networkVersion: number): Promise<void> {
    const { streams } = this.#kafka;
    if (streams.length === 0) return;
    const lastAct = await this.#postgres.lastOffset(DETECTION_STREAM);
    for (const stream of streams) {
      if (!(await this.#kafka.isCaughtUp(stream))) continue;
      await this.#placeActs(stream, lastAct);
      if (networkVersion > (this.#networks.get(stream) ?? -1)) {
        const change = { kind: 'network', items: [{ version: networkVersion }] } as const;
        await this.#kafka.append(stream, [change]);
        this.#networks.set(stream, networkVersion);
      }
      await this.#kafka.append(stream, [{ kind: 'tick', nowMs }]);
    }
  }

  async #placeActs(stream: string, lastAct: number): Promise<void> {
    let through = this.#actsThrough.get(stream) ?? (await this.#kafka.actsThrough(stream));
    this.#actsThrough.delete(stream);
    if (through < lastAct) {
      const entries = await this.#postgres.read(DETECTION_STREAM, through, ACTS_PER_TICK);
      await this.#kafka.appendActs(stream, entries);
      through = entries.at(-1)?.offset ?? through;
    }
    this.#actsThrough.set(stream, through);
  }
}
