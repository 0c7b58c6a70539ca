import type { DetectEvent } from '../../src/domain/anomaly.js';
import type { Fact, JournalEntry } from '../../src/domain/facts.js';
import type { LanePeriod } from '../../src/domain/lane.js';
import type { DetectEvents, PlacedEvent } from '../../src/runtime/decisions/ports.js';
import type { Checkpoint, Checkpoints, ShardHistory } from '../../src/runtime/ports.js';

/** A journal in memory: offsets from 0, dense per stream. */
export class MemoryJournal {
  readonly streams = new Map<string, Fact[]>();

  add(stream: string, ...facts: Fact[]): void {
    this.streams.set(stream, [...(this.streams.get(stream) ?? []), ...facts]);
  }

  async read(stream: string, after: number, most: number): Promise<JournalEntry[]> {
    const facts = this.streams.get(stream) ?? [];
    return facts
      .slice(after + 1, after + 1 + most)
      .map((fact, i) => ({ offset: after + 1 + i, fact }));
  }
}

/** Chart history in memory: what was released, and what of it was written. */
export class MemoryHistory implements ShardHistory {
  readonly written = new Map<number, number>();
  #waiting: number[] = [];
  /** most periods that ever waited */
  mostWaiting = 0;

  readonly observe = ({ periodStartMs }: LanePeriod): void => {
    this.#waiting.push(periodStartMs);
    this.mostWaiting = Math.max(this.mostWaiting, this.#waiting.length);
  };

  async relieve(): Promise<void> {
    if (this.#waiting.length > 8) await this.flushShard();
  }

  async flushShard(): Promise<void> {
    for (const startMs of this.#waiting.splice(0)) {
      this.written.set(startMs, (this.written.get(startMs) ?? 0) + 1);
    }
  }

  forget(): void {
    this.#waiting = [];
  }
}

/** Checkpoints in memory. */
export class MemoryCheckpoints implements Checkpoints {
  readonly saved = new Map<string, Checkpoint>();

  async load(name: string): Promise<Checkpoint | undefined> {
    return this.saved.get(name);
  }

  async save(name: string, checkpoint: Checkpoint): Promise<void> {
    this.saved.set(name, { ...checkpoint, state: checkpoint.state.slice() });
  }
}

/** Detect's output in memory; a row once written stays as it is. */
export class MemoryEvents implements DetectEvents {
  readonly rows = new Map<string, PlacedEvent>();
  readonly #watermarks = new Map<string, number>();

  async append(
    shard: string,
    tickMs: number,
    firstSeq: number,
    events: readonly DetectEvent[],
  ): Promise<void> {
    for (const [i, event] of events.entries()) {
      const seq = firstSeq + i;
      const key = `${shard} ${seq}`;
      if (!this.rows.has(key)) this.rows.set(key, { shard, seq, tickMs, event });
    }
    this.#watermarks.set(shard, Math.max(tickMs, this.#watermarks.get(shard) ?? 0));
  }

  async watermark(shards: readonly string[]): Promise<number | undefined> {
    const ticks = shards.map((shard) => this.#watermarks.get(shard));
    return ticks.includes(undefined) ? undefined : Math.min(...ticks.map((tick) => tick ?? 0));
  }

  async behind(shards: readonly string[], tickMs: number): Promise<string[]> {
    return shards.filter((shard) => (this.#watermarks.get(shard) ?? -1) < tickMs).sort();
  }

  async read(after: Readonly<Record<string, number>>, untilTickMs: number): Promise<PlacedEvent[]> {
    return [...this.rows.values()]
      .filter(({ shard, seq, tickMs }) => seq > (after[shard] ?? 0) && tickMs <= untilTickMs)
      .sort((a, b) => a.tickMs - b.tickMs || a.seq - b.seq);
  }
}
