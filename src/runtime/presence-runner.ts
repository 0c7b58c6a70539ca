import type { PresenceCounts, PresenceWriter } from '../impact/ports.js';
import type { Clock } from './clock.js';
import type { Turn } from './loop.js';
import { type Checkpoints, type Journal, PRESENCE_STREAM } from './ports.js';

export interface PresenceRunnerOptions {
  readonly journal: Pick<Journal, 'read' | 'prune'>;
  readonly checkpoints: Checkpoints;
  readonly writer: PresenceWriter;
  readonly network: Clock;
  readonly takeOver: (stream: string) => Promise<number>;
  readonly counted: (counts: PresenceCounts) => void;
}

const READ_ENTRIES = 32;

interface Ahead {
  readonly after: number;
  readonly entries: ReturnType<Journal['read']>;
}

/** Carries sightings from the journal to where people were last seen. Applying one again is harmless. */
export class PresenceRunner {
  readonly #options: PresenceRunnerOptions;
  #offset = -1;
  #epoch = 0;
  /** what is read while the entries before it are applied */
  #ahead: Ahead | undefined;

  constructor(options: PresenceRunnerOptions) {
    this.#options = options;
  }

  async recover(): Promise<void> {
    this.#epoch = await this.#options.takeOver(PRESENCE_STREAM);
    const saved = await this.#options.checkpoints.load(PRESENCE_STREAM);
    this.#offset = saved?.streamOffset ?? -1;
  }

  async turn(): Promise<Turn> {
    const { checkpoints, writer, network, counted } = this.#options;
    const entries = await this.#next();
    const streamOffset = entries.at(-1)?.offset;
    if (streamOffset === undefined) return 'idle';
    this.#readAhead(streamOffset);
    const nowMs = network.now();
    const items = entries.flatMap(({ fact }) => (fact.kind === 'presence' ? fact.items : []));
    if (items.length > 0) counted(await writer.apply(items, nowMs));
    await checkpoints.save(PRESENCE_STREAM, {
      schemaVersion: 1,
      epoch: this.#epoch,
      streamOffset,
      tickMs: nowMs,
      state: new Uint8Array(),
    });
    this.#offset = streamOffset;
    return 'busy';
  }
  #read(after: number): ReturnType<Journal['read']> {
    return this.#options.journal.read(PRESENCE_STREAM, after, READ_ENTRIES);
  }

  #readAhead(after: number): void {
    const entries = this.#read(after);
    // heard where it is waited for
    entries.catch(() => undefined);
    this.#ahead = { after, entries };
  }

  /** Entries after the last that were applied; what was read too early for them is read again. */
  async #next(): ReturnType<Journal['read']> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    const early = ahead?.after === this.#offset ? await ahead.entries : [];
    return early.length > 0 ? early : this.#read(this.#offset);
  }
}
