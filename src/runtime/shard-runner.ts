import type { DetectEvent } from '../domain/anomaly.js';
import { detectActOf } from '../domain/detect-act.js';
import type { NetworkChange, OperatorAct } from '../domain/facts.js';
import type { ReportBlock } from '../domain/kpi.js';
import { countSamples } from '../domain/report-block.js';
import type { DetectStage, IngestCounts, ModelStatus } from '../pipeline.js';
import type { DetectEvents } from './decisions/ports.js';
import type { Turn } from './loop.js';
import type { Checkpoints, Journal, ShardHistory } from './ports.js';

const READ_ENTRIES = 64;
const STATE_VERSION = 1;

export interface ShardRunnerOptions {
  /** the journal stream this shard reads; also the checkpoint's name */
  readonly stream: string;
  readonly journal: Pick<Journal, 'read'>;
  readonly checkpoints: Checkpoints;
  readonly events: DetectEvents;
  /** where `detect` puts released periods; written before a checkpoint that covers them */
  readonly history: ShardHistory;
  /** a stage in its first state; restored from the checkpoint when there is one */
  readonly detect: () => DetectStage;
  /** raises the shard's epoch, so that an owner who lost it can save nothing */
  readonly takeOver: (stream: string) => Promise<number>;
  /** periods in seconds of the feeds that detection has lanes for */
  readonly lanes: ReadonlyMap<string, number>;
  /** vendors of cells in the network of this version or a later one */
  readonly vendors: (networkVersion: number) => Promise<ReadonlyMap<string, string>>;
  readonly counted: (counts: IngestCounts) => void;
  /** told how models stand on taking over and whenever a checkpoint is due */
  readonly watched?: (models: readonly ModelStatus[]) => void;
  /** told once a checkpoint is durable: what lies before need not be kept for this shard */
  readonly saved: (streamOffset: number) => Promise<void>;
  readonly checkpointMs: number;
  readonly wallNow: () => number;
}

/**
 * Feeds one journal stream to detection and hands its verdicts to the decisions. The checkpoint
 * (state with the offset it reflects) is the only authority on what has been read; verdicts carry
 * sequence numbers from the state, so reading again writes the same rows.
 */
export class ShardRunner {
  readonly #options: ShardRunnerOptions;
  #detect: DetectStage;
  #epoch = 0;
  #offset = -1;
  #savedOffset = -1;
  #tickMs = 0;
  #sequence = 0;
  #savedAtMs = 0;

  constructor(options: ShardRunnerOptions) {
    this.#options = options;
    this.#detect = options.detect();
  }

  /** Takes the shard over and goes back to its checkpoint. */
  async recover(): Promise<void> {
    const { stream, checkpoints, history, detect, takeOver, wallNow } = this.#options;
    history.forget(stream);
    this.#epoch = await takeOver(stream);
    const saved = await checkpoints.load(stream);
    this.#detect = detect();
    this.#sequence = 0;
    if (saved) {
      this.#sequence = Number(
        new DataView(saved.state.buffer, saved.state.byteOffset).getFloat64(0),
      );
      this.#detect.restore(saved.state.subarray(8));
    }
    this.#offset = saved?.streamOffset ?? -1;
    this.#savedOffset = this.#offset;
    this.#tickMs = saved?.tickMs ?? 0;
    this.#savedAtMs = wallNow();
    this.#options.watched?.(this.#detect.models());
  }

  /** Reads the next entries; saves a checkpoint when one is due. */
  async turn(signal: AbortSignal): Promise<Turn> {
    const { journal, stream, checkpointMs, wallNow } = this.#options;
    const entries = await journal.read(stream, this.#offset, READ_ENTRIES);
    for (const { offset, fact } of entries) {
      if (signal.aborted) break;
      if (fact.kind === 'reports') await this.#ingest(fact.block);
      if (fact.kind === 'acts') this.#act(fact.items);
      if (fact.kind === 'network') await this.#takeNetwork(fact.items);
      if (fact.kind === 'tick') await this.#tick(fact.nowMs);
      this.#offset = offset;
    }
    if (wallNow() - this.#savedAtMs >= checkpointMs) await this.checkpoint();
    return entries.length > 0 ? 'busy' : 'idle';
  }

  /** Saves the state if anything was read since the last time; called once more at shutdown. */
  async checkpoint(): Promise<void> {
    const { checkpoints, history, stream, saved, wallNow } = this.#options;
    this.#savedAtMs = wallNow();
    if (this.#offset === this.#savedOffset) return;
    this.#options.watched?.(this.#detect.models());
    const offset = this.#offset;
    // What the checkpoint covers is not released again: charts must have it by then.
    await history.flushShard(stream);
    await checkpoints.save(stream, {
      schemaVersion: STATE_VERSION,
      epoch: this.#epoch,
      streamOffset: offset,
      tickMs: this.#tickMs,
      state: packState(this.#sequence, this.#detect.snapshot()),
    });
    this.#savedOffset = offset;
    await saved(offset);
  }

  #act(acts: readonly OperatorAct[]): void {
    this.#detect.act(acts.flatMap((act) => detectActOf(act) ?? []));
  }

  async #takeNetwork(changes: readonly NetworkChange[]): Promise<void> {
    const version = changes.at(-1)?.version;
    if (version !== undefined) this.#detect.vendors(await this.#options.vendors(version));
  }

  /** Reports that fit no lane any more, since a feed was changed or dropped, count as late. */
  async #ingest(block: ReportBlock): Promise<void> {
    const { lanes, counted, history } = this.#options;
    if (lanes.get(block.feed) === block.periodSeconds) counted(this.#detect.ingest(block));
    else counted({ accepted: 0, duplicates: 0, conflicts: 0, late: countSamples(block) });
    await history.relieve();
  }

  async #tick(nowMs: number): Promise<void> {
    const events = await this.#advance(nowMs);
    await this.#options.events.append(this.#options.stream, nowMs, this.#sequence + 1, events);
    this.#sequence += events.length;
    this.#tickMs = nowMs;
  }

  /** Releases a backlog period by period, so that what it leaves for charts can be written between. */
  async #advance(nowMs: number): Promise<DetectEvent[]> {
    const events: DetectEvent[] = [];
    for (;;) {
      const untilMs = Math.min(this.#detect.nextDueMs(nowMs), nowMs);
      for (const event of this.#detect.advance(untilMs)) events.push(event);
      const { awaits } = this.#detect;
      if (awaits) {
        await awaits;
        continue;
      }
      if (untilMs >= nowMs) return events;
      await this.#options.history.relieve();
    }
  }
}

/** A shard's state: the sequence number of its last verdict, then the detect stage's own bytes. */
export function packState(sequence: number, detect: Uint8Array): Uint8Array {
  const state = new Uint8Array(8 + detect.byteLength);
  new DataView(state.buffer).setFloat64(0, sequence);
  state.set(detect, 8);
  return state;
}
