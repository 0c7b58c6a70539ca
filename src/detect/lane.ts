import type { DetectEvent } from '../domain/anomaly.js';
import type { ReportBlock } from '../domain/kpi.js';
import type { LaneSpec, PeriodObserver } from '../domain/lane.js';
import { Calendar } from './calendar.js';
import { planKpi } from './kpi-plan.js';
import { LaneBuffer } from './lane-buffer.js';
import { LaneScan } from './lane-scan.js';
import { ObjectIndex } from './object-index.js';
import { pendingShape } from './pending.js';
import type { IngestCounts } from './ports.js';
import type { DetectionRules } from './rules.js';
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
  #watermarkMs = Number.NEGATIVE_INFINITY;
  /** period to be released next; NaN before the first */
  #next = Number.NaN;

  constructor(spec: LaneSpec, rules: DetectionRules, observer?: PeriodObserver) {
    this.#spec = spec;
    this.#periodMs = spec.periodSeconds * 1000;
    this.#latenessMs = spec.latenessSeconds * 1000;
    const plans = spec.kpis.map((kpi) => planKpi(kpi, rules));
    this.#scales = plans.map((plan) => plan.scale);
    this.#buffer = new LaneBuffer(spec, this.#objects, rules.pendingPeriods);
    this.#calendar = new Calendar(spec.zone, rules.weekend, spec.holidays);
    this.#scan = new LaneScan({
      spec,
      rules,
      plans,
      objects: this.#objects,
      observer,
      isAwaited: (object) => this.#buffer.holds(object),
    });
  }

  ingest(block: ReportBlock): IngestCounts {
    return this.#buffer.ingest(block, this.#firstOpen());
  }

  /** @returns end plus lateness of the next period to be released by `nowMs`, or infinity */
  nextDueMs(nowMs: number): number {
    const next = this.#upcoming();
    if (next !== next) return Number.POSITIVE_INFINITY;
    const dueMs = (next + 1) * this.#periodMs + this.#latenessMs;
    return dueMs <= nowMs ? dueMs : Number.POSITIVE_INFINITY;
  }

  /** Releases the next period, whether anything was reported in it or not. */
  releaseNext(out: DetectEvent[]): void {
    const period = this.#upcoming();
    const startMs = period * this.#periodMs;
    const season = this.#calendar.season(startMs, this.#periodMs);
    const pending = this.#buffer.take(period);
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
    this.#buffer.load(reader, name, { shape: pendingShape(stored.isRatio), columns });
    this.#scan.load(reader, name, columns, stored.kpis.length);
  }

  /** First period whose reports are not yet late. */
  #firstOpen(): number {
    const byClock = Math.floor((this.#watermarkMs - this.#latenessMs) / this.#periodMs);
    return this.#next === this.#next ? Math.max(this.#next, byClock) : byClock;
  }

  #upcoming(): number {
    if (this.#next !== this.#next) return this.#buffer.earliest();
    if (this.#objects.count > 0) return this.#next;
    const earliest = this.#buffer.earliest();
    return earliest === earliest ? Math.max(this.#next, earliest) : Number.NaN;
  }
}
