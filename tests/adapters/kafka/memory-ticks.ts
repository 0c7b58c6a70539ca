import type { PlacedFact, TickLog } from '../../../src/adapters/kafka/ports.js';
import { TocsinError } from '../../../src/domain/errors.js';

/** Ticks in memory, by stream. */
export class MemoryTickLog implements TickLog {
  readonly #placed = new Map<string, PlacedFact[]>();
  readonly #actsThrough = new Map<string, number>();

  async countBefore(stream: string, slot: number): Promise<number> {
    return this.#of(stream).filter((placed) => placed.slot < slot).length;
  }

  async read(stream: string, fromSlot: number, limit: number): Promise<PlacedFact[]> {
    return this.#of(stream)
      .filter(({ slot }) => slot >= fromSlot)
      .slice(0, limit);
  }

  async append(stream: string, count: number, placed: PlacedFact, actsThrough = -1): Promise<void> {
    if (this.#of(stream).length !== count)
      throw new TocsinError('lease.lost', 'another was faster');
    this.#placed.set(stream, [...this.#of(stream), placed]);
    this.#actsThrough.set(stream, Math.max(actsThrough, await this.actsThrough(stream)));
  }

  async actsThrough(stream: string): Promise<number> {
    return this.#actsThrough.get(stream) ?? -1;
  }

  async prune(): Promise<number> {
    return 0;
  }

  #of(stream: string): PlacedFact[] {
    return this.#placed.get(stream) ?? [];
  }
}
