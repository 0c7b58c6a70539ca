import type { StreamTick, TickLog } from '../../../src/adapters/kafka/ports.js';
import { TocsinError } from '../../../src/domain/errors.js';

/** Ticks in memory, by stream. */
export class MemoryTickLog implements TickLog {
  readonly #ticks = new Map<string, StreamTick[]>();

  async countBefore(stream: string, slot: number): Promise<number> {
    return this.#of(stream).filter((tick) => tick.slot < slot).length;
  }

  async read(stream: string, fromSlot: number, limit: number): Promise<StreamTick[]> {
    return this.#of(stream)
      .filter(({ slot }) => slot >= fromSlot)
      .slice(0, limit);
  }

  async append(stream: string, count: number, tick: StreamTick): Promise<void> {
    if (this.#of(stream).length !== count)
      throw new TocsinError('lease.lost', 'another was faster');
    this.#ticks.set(stream, [...this.#of(stream), tick]);
  }

  async prune(): Promise<number> {
    return 0;
  }

  #of(stream: string): StreamTick[] {
    return this.#ticks.get(stream) ?? [];
  }
}
