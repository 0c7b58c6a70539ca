import type { DetectEvent } from '../domain/anomaly.js';
import type { DetectAct } from '../domain/detect-act.js';
import type { ReportBlock } from '../domain/kpi.js';
import type { LaneSpec, PeriodObserver } from '../domain/lane.js';
import { Calendar } from './calendar.js';
import { planKpi } from './kpi-plan.js';
import { LaneBuffer } from './lane-buffer.js';
import { LaneScan } from './lane-scan.js';
import { ObjectIndex } from './object-index.js';
import { pendingShape } from './pending.js';
import type { IngestCounts, ModelStatus } from './ports.js';
import type { DetectionRules } from './rules.js';
import type { ShapeFitter } from './shapes/ports.js';
import type { ShapeFit } from './shapes/shape-model.js';
import type { StateReader, StateWriter } from './state-codec.js';

interface StoredLane {
  readonly periodSeconds: number;
  readonly kpis: readonly string[];
  readonly scales: readonly string[];
  readonly isRatio: readonly boolean[];
  readonly objects: { ids: string[]; free: number[] };
  readonly watermark: number | null;
  readonly next: number | null;
}

export interface LaneOptions {
  readonly spec: LaneSpec;
  readonly rules: DetectionRules;
  readonly observer: PeriodObserver | undefined;
  readonly fitter: ShapeFitter;
}

interface EarlyVerdicts {
  readonly dueMs: number;
  readonly events: readonly DetectEvent[];
}

/** One feed: its objects, what waits for the watermark, and the models that judge it. */
export class Lane {
  readonly #spec: LaneSpec;
  readonly #periodMs: number;
  readonly #latenessMs: number;
  readonly #objects = new ObjectIndex();
  readonly #buffer: LaneBuffer;
  readonly #scan: LaneScan;
  readonly #calendar: Calendar;
  readonly #scales: readonly string[];
  #acts: DetectAct[] = [];
  #watermarkMs = Number.NEGATIVE_INFINITY;
  /** period to be released next; NaN before the first */
  #next = Number.NaN;
  /** first period that was not closed early, to make room for later ones */
  #openFrom = Number.NEGATIVE_INFINITY;
  /** verdicts on periods released early, oldest first: they are told when their time comes */
  #early: EarlyVerdicts[] = [];

  constructor({ spec, rules, observer, fitter }: LaneOptions) {
    this.#spec = spec;
    this.#periodMs = spec.periodSeconds * 1000;
    this.#latenessMs = spec.latenessSeconds * 1000;
    const plans = spec.kpis.map((kpi) => planKpi(kpi, rules));
    this.#scales = plans.map((plan) => plan.scale);
    this.#buffer = new LaneBuffer(spec, this.#objects, rules.pendingPeriods, {
      firstOpen: () => this.#firstOpen(),
      closeThrough: (period) => this.#closeThrough(period),
      secondRunAfter: (period) => {
        const middleMs = (period + 0.5) * this.#periodMs;
        return Math.round(this.#calendar.untilClockSaysSo(middleMs) / this.#periodMs);
      },
    });
    this.#calendar = new Calendar(spec.zone, rules.weekend, spec.holidays);
    this.#scan = new LaneScan({
      spec,
      rules,
      plans,
      objects: this.#objects,
      observer,
      fitter,
      isAwaited: (object) => this.#buffer.holds(object),
    });
  }

  ingest(block: ReportBlock): IngestCounts {
    return this.#buffer.ingest(block);
  }

  /** @returns end plus lateness of the next period to be released by `nowMs`, or infinity */
  nextDueMs(nowMs: number): number {
    const next = this.#upcoming();
    const dueMs = this.#early[0]?.dueMs ?? this.#dueMs(next);
    if (dueMs !== dueMs) return Number.POSITIVE_INFINITY;
    return dueMs <= nowMs ? dueMs : Number.POSITIVE_INFINITY;
  }

  /** Takes an operator's act for the next period to be released, if it is about this feed. */
  act(act: DetectAct): void {
    if ('feed' in act && act.feed !== undefined && act.feed !== this.#spec.feed) return;
    this.#acts.push(act);
  }

  /** Takes vendors of cells, if these are what the feed is about. */
  vendors(byCell: ReadonlyMap<string, string>): void {
    if (this.#spec.objectType === 'cell') this.#scan.vendors(byCell);
  }

  models(): ModelStatus {
    return this.#scan.models();
  }

  /** The fit that the next period waits for, undefined when it waits for none. */
  get awaits(): ShapeFit | undefined {
    return this.#early.length > 0 ? undefined : this.#scan.blocks(this.#upcoming());
  }

  /** Releases the next period, whether anything was reported in it or not. */
  releaseNext(out: DetectEvent[]): void {
    const early = this.#early.shift();
    if (early) for (const event of early.events) out.push(event);
    else this.#release(this.#upcoming(), out);
  }

  #dueMs(period: number): number {
    return (period + 1) * this.#periodMs + this.#latenessMs;
  }

  /** What is closed depends on the reports alone; when it is judged does not show. */
  #closeThrough(closed: number): void {
    this.#openFrom = Math.max(this.#openFrom, closed + 1);
    while (this.#upcoming() < this.#openFrom && !this.#scan.blocks(this.#upcoming())) {
      const period = this.#upcoming();
      const events: DetectEvent[] = [];
      this.#release(period, events);
      if (events.length > 0) this.#early.push({ dueMs: this.#dueMs(period), events });
    }
  }

  #release(period: number, out: DetectEvent[]): void {
    const startMs = period * this.#periodMs;
    const season = this.#calendar.season(startMs, this.#periodMs);
    const pending = this.#buffer.take(period);
    for (const act of this.#acts.splice(0)) this.#scan.act(act);
    this.#scan.release({ period, startMs, season, pending }, out);
    if (pending) this.#buffer.recycle(pending);
    this.#next = period + 1;
  }

  /** Everything due by `nowMs` has been released: what comes for it later is late. */
  close(nowMs: number): void {
    if (nowMs > this.#watermarkMs) this.#watermarkMs = nowMs;
  }

  save(writer: StateWriter): void {
    const name = this.#spec.feed;
    const stored: StoredLane = {
      periodSeconds: this.#spec.periodSeconds,
      kpis: this.#spec.kpis.map((kpi) => kpi.name),
      scales: this.#scales,
      isRatio: this.#spec.kpis.map(({ definition }) => definition.kind === 'ratio'),
      objects: this.#objects.toJson(),
      watermark: Number.isFinite(this.#watermarkMs) ? this.#watermarkMs : null,
      next: Number.isNaN(this.#next) ? null : this.#next,
    };
    writer.json(name, stored);
    writer.json(`${name}.acts`, this.#acts);
    const openFrom = Number.isFinite(this.#openFrom) ? this.#openFrom : null;
    writer.json(`${name}.early`, { openFrom, verdicts: this.#early });
    this.#buffer.save(writer, name);
    this.#scan.save(writer, name);
  }

  load(reader: StateReader): void {
    const name = this.#spec.feed;
    if (!reader.has(name)) return;
    const stored = reader.json<StoredLane>(name);
    if (stored.periodSeconds !== this.#spec.periodSeconds) return;
    const columns = this.#spec.kpis.map((kpi, k) => {
      const at = stored.kpis.indexOf(kpi.name);
      return stored.scales[at] === this.#scales[k] ? at : -1;
    });
    this.#objects.load(stored.objects);
    this.#watermarkMs = stored.watermark ?? Number.NEGATIVE_INFINITY;
    this.#next = stored.next ?? Number.NaN;
    this.#loadEarly(reader, `${name}.early`);
    this.#buffer.load(reader, name, { shape: pendingShape(stored.isRatio), columns });
    this.#acts = reader.has(`${name}.acts`) ? [...reader.json<DetectAct[]>(`${name}.acts`)] : [];
    this.#scan.load(reader, name, columns, stored.kpis.length);
  }

  /** States from before there were early verdicts have none. */
  #loadEarly(reader: StateReader, name: string): void {
    if (!reader.has(name)) return;
    const early = reader.json<{ openFrom: number | null; verdicts: EarlyVerdicts[] }>(name);
    this.#openFrom = early.openFrom ?? Number.NEGATIVE_INFINITY;
    this.#early = early.verdicts;
  }

  /** First period whose reports are not yet late. */
  #firstOpen(): number {
    const byClock = Math.floor((this.#watermarkMs - this.#latenessMs) / this.#periodMs);
    const open = Math.max(byClock, this.#openFrom);
    return this.#next === this.#next ? Math.max(this.#next, open) : open;
  }

  #upcoming(): number {
    if (this.#next !== this.#next) return this.#buffer.earliest();
    if (this.#objects.count > 0) return this.#next;
    const earliest = this.#buffer.earliest();
    return earliest === earliest ? Math.max(this.#next, earliest) : Number.NaN;
  }
}
