import type { Logger } from 'pino';
import { TocsinError } from '../../domain/errors.js';
import type { DeadLetter, Fact, JournalEntry } from '../../domain/facts.js';
import type { DeadLetters } from '../../sources/ports.js';
import { PartitionBuffer } from './partition-buffer.js';
import type { Gap } from './partition-cursor.js';
import type { FetchedBatch, GroupConsumer, PlacedFact, TickLog, TopicPartition } from './ports.js';
import type { RangeDecoder } from './topic-decoder.js';

export interface KafkaStreamOptions {
  readonly name: string;
  readonly place: TopicPartition;
  readonly consumer: GroupConsumer;
  readonly decoder: RangeDecoder;
  readonly deadLetters: DeadLetters;
  readonly ticks: TickLog;
  readonly log: Logger;
  /** asks the broker for the offset after the newest record */
  readonly endOffset: () => Promise<number>;
  /** stands for records of which nothing was kept */
  readonly empty: () => Fact;
}

/** Reports per entry: large enough to cost little, small enough to stop between two. */
const RECORDS_PER_ENTRY = 8192;
const TICKS_PER_READ = 1000;

/**
 * One partition with the ticks among its records, and with other facts that are no records of it. A
 * slot counts both: the tick number `n` that came when `k` was the next record's offset has slot
 * `k + n`, so a slot says how far both were read.
 */
export class KafkaStream {
  readonly #options: KafkaStreamOptions;
  #buffer: PartitionBuffer | undefined;
  /** next slot to hand out */
  #slot = -1;
  /** ticks before that slot */
  #ticksPast = 0;
  /** recorded ticks from that slot on */
  #ticksAhead: PlacedFact[] = [];
  #mayHaveMoreTicks = false;
  #endOffset: number | undefined;
  #isPaused = false;
  #broken: TocsinError | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: KafkaStreamOptions) {
    this.#options = options;
  }

  /** Whether everything that was in the partition at the last fetch has been handed out. */
  async isCaughtUp(): Promise<boolean> {
    if (!this.#buffer) return false;
    this.#endOffset ??= await this.#options.endOffset();
    return this.#buffer.front >= this.#endOffset;
  }

  /** Offset of the next record to hand out; undefined before the first call of `read`. */
  get front(): number | undefined {
    return this.#buffer?.front;
  }

  get lastOffset(): number {
    const ahead = this.#ticksPast + this.#ticksAhead.length;
    return this.#buffer ? this.#buffer.end + ahead - 1 : -1;
  }

  /** Takes what was fetched. @returns the offset to fetch next */
  add(batch: FetchedBatch): number {
    this.#endOffset = batch.endOffset;
    const next = this.#buffer?.add(batch) ?? batch.fetchedOffset;
    if (!this.#buffer || this.#buffer.isFull) this.#pause();
    return next;
  }

  read(afterOffset: number, maxEntries: number): Promise<JournalEntry[]> {
    return this.#inTurn(() => this.#read(afterOffset + 1, maxEntries));
  }

  /**
   * Adds a fact behind everything handed out.
   * @param actsThrough for acts: their offset in journal stream `detection`
   * @returns its offset
   */
  place(fact: Fact, actsThrough?: number): Promise<number> {
    return this.#inTurn(async () => {
      const { name, ticks } = this.#options;
      if (!this.#buffer || this.#mayHaveMoreTicks) {
        throw new TocsinError('overloaded', `${name} is still being read up to its last tick`);
      }
      const last = this.#ticksAhead.at(-1);
      const placed = { slot: last ? last.slot + 1 : this.#slot, fact };
      const count = this.#ticksPast + this.#ticksAhead.length;
      await ticks.append(name, count, placed, actsThrough);
      this.#ticksAhead.push(placed);
      return placed.slot;
    });
  }

  /** Everything through this offset is durable elsewhere. @returns ticks forgotten */
  async covered(throughOffset: number): Promise<number> {
    const { name, ticks, consumer, place } = this.#options;
    const slot = throughOffset + 1;
    const ticksBefore = await ticks.countBefore(name, slot);
    consumer.commit(place, slot - ticksBefore);
    return ticks.prune(name, slot);
  }

  /** One call at a time: reading moves the stream. */
  #inTurn<T>(body: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(body);
    // The caller hears of the failure; the next turn only waits for this one to be over.
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #read(slot: number, maxEntries: number): Promise<JournalEntry[]> {
    const buffer = this.#buffer && this.#slot === slot ? this.#buffer : await this.#moveTo(slot);
    if (this.#broken) throw this.#broken;
    const entries: JournalEntry[] = [];
    while (entries.length < maxEntries) {
      if (this.#ticksAhead.length === 0 && this.#mayHaveMoreTicks) await this.#loadTicks();
      const [tick] = this.#ticksAhead;
      const entry =
        tick && tick.slot - this.#ticksPast <= buffer.front
          ? this.#takeTick(tick)
          : await this.#takeRecords(buffer, tick);
      if (!entry) break;
      entries.push(entry);
    }
    if (this.#isPaused && buffer.isDrained) this.#resume();
    return entries;
  }

  #takeTick({ slot, fact }: PlacedFact): JournalEntry {
    this.#ticksAhead.shift();
    this.#ticksPast++;
    this.#slot = slot + 1;
    return { offset: slot, fact };
  }

  async #takeRecords(
    buffer: PartitionBuffer,
    before: PlacedFact | undefined,
  ): Promise<JournalEntry | undefined> {
    const { decoder, deadLetters, empty } = this.#options;
    const through = before ? before.slot - this.#ticksPast - 1 : Number.MAX_SAFE_INTEGER;
    const range = { from: buffer.front, through, limit: RECORDS_PER_ENTRY };
    const { facts, letters, next } = await decoder.decode(buffer.records, range);
    if (next === undefined) return undefined;
    for (const letter of letters) deadLetters.record(letter);
    buffer.dropBefore(next);
    this.#slot = next + this.#ticksPast;
    return { offset: this.#slot - 1, fact: facts[0] ?? empty() };
  }

  async #moveTo(slot: number): Promise<PartitionBuffer> {
    const { name, ticks, consumer, place, log, deadLetters } = this.#options;
    this.#buffer = undefined;
    this.#ticksPast = await ticks.countBefore(name, slot);
    this.#slot = slot;
    await this.#loadTicks();
    const from = slot - this.#ticksPast;
    this.#broken = undefined;
    this.#buffer = new PartitionBuffer(from, (gap) => {
      log.warn({ stream: name, ...gap }, 'records are gone from Kafka');
      if (gap.found > gap.wanted) deadLetters.record(goneLetter(name, gap));
      if (gap.found < gap.wanted) this.#broken = beganAnew(name, gap);
    });
    consumer.seek(place, from);
    this.#resume();
    return this.#buffer;
  }

  async #loadTicks(): Promise<void> {
    const { name, ticks } = this.#options;
    this.#ticksAhead = await ticks.read(name, this.#slot, TICKS_PER_READ);
    this.#mayHaveMoreTicks = this.#ticksAhead.length === TICKS_PER_READ;
  }

  #pause(): void {
    this.#isPaused = true;
    this.#options.consumer.pause(this.#options.place);
  }

  #resume(): void {
    this.#isPaused = false;
    this.#options.consumer.resume(this.#options.place);
  }
}

/** Records that Kafka's own retention dropped before they were read: counted, and named. */
function goneLetter(stream: string, { wanted, found }: Gap): DeadLetter {
  const detail = `${found - wanted} records, offsets ${wanted} to ${found - 1}, were gone from Kafka before they were read`;
  return { feed: stream, source: 'kafka', reason: 'gone', detail, payload: '' };
}

function beganAnew(stream: string, { wanted, found }: Gap): TocsinError {
  return new TocsinError(
    'conflict',
    `${stream}: the topic began anew (its records are at ${found}, the checkpoint at ${wanted}): give it another name, or remove the stream's checkpoint and ticks`,
  );
}
