import type { DetectEvent } from '../domain/anomaly.js';
import type { DetectAct } from '../domain/detect-act.js';
import { TocsinError } from '../domain/errors.js';
import type { ReportBlock } from '../domain/kpi.js';
import type { LaneSpec, PeriodObserver } from '../domain/lane.js';
import { Lane } from './lane.js';
import type { Detect, IngestCounts, ModelStatus } from './ports.js';
import type { DetectionRules } from './rules.js';
import { inlineFitter } from './shapes/inline-fitter.js';
import type { ShapeFitter } from './shapes/ports.js';
import type { ShapeFit } from './shapes/shape-model.js';
import { StateReader, StateWriter } from './state-codec.js';

/**
 * The detect stage over the lanes of a shard: buffers reports until their watermark, judges them in
 * period order, objects in order of their ids, so that what comes out depends on what was reported
 * and not on how it arrived.
 *
 * @param lanes one per feed; feeds are told apart by name
 * @param rules `rules/detection.yaml`
 * @param observer told of every released period with what was expected
 * @param fitter works shapes out; default at once, in the caller's thread
 * @throws TocsinError `input.config` when two lanes have one feed name
 */
export function createDetect(
  lanes: readonly LaneSpec[],
  rules: DetectionRules,
  observer?: PeriodObserver,
  fitter: ShapeFitter = inlineFitter,
): Detect {
  return new DetectLanes(lanes, (spec) => new Lane({ spec, rules, observer, fitter }));
}

class DetectLanes implements Detect {
  readonly #lanes = new Map<string, Lane>();
  readonly #ordered: readonly Lane[];
  #awaits: ShapeFit | undefined;

  constructor(specs: readonly LaneSpec[], create: (spec: LaneSpec) => Lane) {
    for (const spec of specs) {
      if (this.#lanes.has(spec.feed)) {
        throw new TocsinError('input.config', `two feeds are named ${spec.feed}`);
      }
      this.#lanes.set(spec.feed, create(spec));
    }
    this.#ordered = [...this.#lanes.keys()].sort().flatMap((feed) => {
      const lane = this.#lanes.get(feed);
      return lane ? [lane] : [];
    });
  }

  get awaits(): Promise<void> | undefined {
    return this.#awaits?.settled;
  }

  ingest(block: ReportBlock): IngestCounts {
    const lane = this.#lanes.get(block.feed);
    if (!lane) throw new TocsinError('input.payload', `no feed is named ${block.feed}`);
    return lane.ingest(block);
  }

  advance(nowMs: number): DetectEvent[] {
    const events: DetectEvent[] = [];
    this.#awaits = undefined;
    for (let next = this.#next(nowMs); next; next = this.#next(nowMs)) {
      this.#awaits = next.awaits;
      if (this.#awaits) return events;
      next.releaseNext(events);
    }
    for (const lane of this.#ordered) lane.close(nowMs);
    return events;
  }

  nextDueMs(nowMs: number): number {
    return Math.min(...this.#ordered.map((lane) => lane.nextDueMs(nowMs)));
  }

  act(acts: readonly DetectAct[]): void {
    for (const act of acts) for (const lane of this.#ordered) lane.act(act);
  }

  vendors(byCell: ReadonlyMap<string, string>): void {
    for (const lane of this.#ordered) lane.vendors(byCell);
  }

  models(): ModelStatus[] {
    return this.#ordered.map((lane) => lane.models());
  }

  snapshot(): Uint8Array {
    const writer = new StateWriter();
    for (const lane of this.#ordered) lane.save(writer);
    return writer.finish();
  }

  restore(state: Uint8Array): void {
    const reader = new StateReader(state);
    for (const lane of this.#ordered) lane.load(reader);
  }

  /** The lane whose next period ends first, undefined when none is due. */
  #next(nowMs: number): Lane | undefined {
    let next: Lane | undefined;
    let endMs = Number.POSITIVE_INFINITY;
    for (const lane of this.#ordered) {
      const dueMs = lane.nextDueMs(nowMs);
      if (dueMs < endMs) {
        endMs = dueMs;
        next = lane;
      }
    }
    return next;
  }
}
