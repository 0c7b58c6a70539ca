import { describe, expect, it } from 'vitest';
import type { Fact, JournalEntry } from '../../src/domain/facts.js';
import { DETECTION_STREAM } from '../../src/runtime/ports.js';
import { KafkaTicks, type PlacingJournal } from '../../src/service/kafka-ticks.js';
import { MemoryJournal } from '../runtime/memory-ports.js';

function actOf(why: string): Fact {
  const at = '2026-03-10T14:20:00.000Z';
  return {
    kind: 'acts',
    items: [{ actId: `act_${why}`, at, actor: 'Zoé', why, action: 'revertModel' }],
  };
}

function wordOf(fact: Fact): string {
  if (fact.kind === 'acts') return fact.items.map(({ why }) => why).join();
  if (fact.kind === 'network') return `network ${fact.items[0]?.version}`;
  return fact.kind === 'tick' ? `tick ${fact.nowMs}` : fact.kind;
}

/** Partitions that note what they are given; `behind` ones are not caught up. */
class NotingJournal implements PlacingJournal {
  readonly behind = new Set<string>();
  readonly placed = new Map<string, string[]>();
  /** fails after so many more acts have been placed */
  failsAfter = Number.POSITIVE_INFINITY;
  readonly #through = new Map<string, number>();
  readonly streams: readonly string[];

  constructor(streams: readonly string[]) {
    this.streams = streams;
  }

  async isCaughtUp(stream: string): Promise<boolean> {
    return !this.behind.has(stream);
  }

  async append(stream: string, facts: readonly Fact[]): Promise<number> {
    this.#note(stream, facts.map(wordOf));
    return 0;
  }

  async appendActs(stream: string, entries: readonly JournalEntry[]): Promise<void> {
    for (const { offset, fact } of entries) {
      if (offset <= (await this.actsThrough(stream))) continue;
      if (this.failsAfter-- <= 0) throw new Error('the database is away');
      this.#through.set(stream, offset);
      this.#note(stream, [wordOf(fact)]);
    }
  }

  async actsThrough(stream: string): Promise<number> {
    return this.#through.get(stream) ?? -1;
  }

  #note(stream: string, words: readonly string[]): void {
    this.placed.set(stream, [...(this.placed.get(stream) ?? []), ...words]);
  }
}

class MemoryActs extends MemoryJournal {
  async lastOffset(stream: string): Promise<number> {
    return (this.streams.get(stream)?.length ?? 0) - 1;
  }
}

function world() {
  const kafka = new NotingJournal(['kafka:ran/0', 'kafka:ran/1']);
  const postgres = new MemoryActs();
  return { kafka, postgres, ticks: new KafkaTicks(kafka, postgres) };
}

describe('ticks of partitions that are journals', () => {
  it('come after what was done to detection and to the network since the last one', async () => {
    const { kafka, postgres, ticks } = world();
    await ticks.tick(1, 3);
    postgres.add(DETECTION_STREAM, actOf('back'), actOf('and again'));
    await ticks.tick(2, 3);
    await ticks.tick(3, 4);
    const told = ['network 3', 'tick 1', 'back', 'and again', 'tick 2', 'network 4', 'tick 3'];
    expect([...kafka.placed.values()]).toEqual([told, told]);
  });

  it('leave nothing out for a partition that was behind', async () => {
    const { kafka, postgres, ticks } = world();
    postgres.add(DETECTION_STREAM, actOf('back'));
    kafka.behind.add('kafka:ran/1');
    await ticks.tick(1, 3);
    expect(kafka.placed.get('kafka:ran/1')).toBeUndefined();
    kafka.behind.clear();
    await ticks.tick(2, 3);
    expect(kafka.placed.get('kafka:ran/0')).toEqual(['back', 'network 3', 'tick 1', 'tick 2']);
    expect(kafka.placed.get('kafka:ran/1')).toEqual(['back', 'network 3', 'tick 2']);
  });

  it('tell an act once, though telling broke off in the middle or the process ended', async () => {
    const { kafka, postgres, ticks } = world();
    postgres.add(DETECTION_STREAM, actOf('one'), actOf('two'));
    kafka.failsAfter = 1;
    await expect(ticks.tick(1, 3)).rejects.toThrow('away');
    kafka.failsAfter = Number.POSITIVE_INFINITY;
    await ticks.tick(2, 3);
    await new KafkaTicks(kafka, postgres).tick(3, 3);
    const acts = (stream: string) =>
      kafka.placed.get(stream)?.filter((word) => ['one', 'two'].includes(word));
    expect(acts('kafka:ran/0')).toEqual(['one', 'two']);
    expect(acts('kafka:ran/1')).toEqual(['one', 'two']);
  });
});
