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

/** Carries sightings from the journal to where people were last seen. Applying one again is harmless. */
export class PresenceRunner {
  readonly #options: PresenceRunnerOptions;
  #offset = -1;
  #epoch = 0;

  constructor(options: PresenceRunnerOptions) {
    this.#options = options;
  }

  async recover(): Promise<void> {
    this.#epoch = await this.#options.takeOver(PRESENCE_STREAM);
    const saved = await this.#options.checkpoints.load(PRESENCE_STREAM);
    this.#offset = saved?.streamOffset ?? -1;
  }

  async turn(): Promise<Turn> {
    const { journal, checkpoints, writer, network, counted } = this.#options;
    const entries = await journal.read(PRESENCE_STREAM, this.#offset, READ_ENTRIES);
    if (entries.length === 0) return 'idle';
    const nowMs = network.now();
    const items = entries.flatMap(({ fact }) => (fact.kind === 'presence' ? fact.items : []));
    if (items.length > 0) counted(await writer.apply(items, nowMs));
    const streamOffset = entries.at(-1)?.offset ?? this.#offset;
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
}
