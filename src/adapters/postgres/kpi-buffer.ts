import type { LanePeriod, LaneSpec } from '../../domain/lane.js';
import { SERIES, type Segment } from './kpi-pack.js';

/** One released period as kept: objects in rows, `[row][kpi][series]`. */
interface KeptPeriod {
  readonly startMs: number;
  readonly rows: number;
  readonly data: Float32Array;
}

/** An object's periods that are not in the database yet. */
export interface UnsavedRun {
  readonly objectId: string;
  readonly startMs: number;
  readonly segment: Omit<Segment, 'layout' | 'startSecond'>;
}

/**
 * Released periods of one lane that follow each other without a gap, until they are written.
 * Objects keep their row; new ones come at the end.
 */
export class LaneBuffer {
  readonly lane: LaneSpec;
  readonly #periods: KeptPeriod[] = [];
  readonly #rowOf = new Map<string, number>();
  readonly #objectIds: string[] = [];
  /** by row: how many of the periods are in the database already */
  #saved = new Uint16Array(0);

  constructor(lane: LaneSpec) {
    this.lane = lane;
  }

  get periods(): number {
    return this.#periods.length;
  }

  /** Memory of what is kept. */
  get bytes(): number {
    return this.#periods.reduce((sum, period) => sum + period.data.byteLength, 0);
  }

  /** Start of the first period, or undefined while empty. */
  get startMs(): number | undefined {
    return this.#periods[0]?.startMs;
  }

  /** Whether this period follows the last one at once, on the same UTC day. */
  continues(periodStartMs: number): boolean {
    const last = this.#periods.at(-1);
    if (last === undefined) return true;
    const isNext = periodStartMs === last.startMs + this.lane.periodSeconds * 1000;
    return (
      isNext && Math.floor(periodStartMs / 86_400_000) === Math.floor(last.startMs / 86_400_000)
    );
  }

  /** Copies a period, whose arrays are valid only now. */
  add(period: LanePeriod): void {
    const kpis = this.lane.kpis.length;
    const rows = period.objectIds.map((id) => this.#row(id));
    const data = new Float32Array(this.#objectIds.length * kpis * SERIES).fill(Number.NaN);
    const sources = [period.values, period.expected, period.lo, period.hi];
    for (const [place, row] of rows.entries()) {
      for (let kpi = 0; kpi < kpis; kpi++) {
        const target = (row * kpis + kpi) * SERIES;
        for (let series = 0; series < SERIES; series++) {
          data[target + series] = sources[series]?.[place * kpis + kpi] ?? Number.NaN;
        }
      }
    }
    const { periodStartMs: startMs } = period;
    this.#periods.push({ startMs, rows: this.#objectIds.length, data });
    if (this.#saved.length < this.#objectIds.length) {
      const wider = new Uint16Array(this.#objectIds.length * 2);
      wider.set(this.#saved);
      this.#saved = wider;
    }
  }

  /** What is not saved of these objects, or of all; objects that reported nothing are left out. */
  *unsaved(objectIds?: Iterable<string>): Generator<UnsavedRun> {
    for (const objectId of objectIds ?? this.#objectIds) {
      const row = this.#rowOf.get(objectId);
      const from = row === undefined ? this.periods : (this.#saved[row] ?? 0);
      const first = this.#periods[from];
      if (row === undefined || first === undefined) continue;
      const run = this.#run(row, from);
      if (run.data.some((value) => value === value)) {
        yield { objectId, startMs: first.startMs, segment: run };
      }
    }
  }

  /** Marks what `unsaved` gave as saved, as long as `periods` were there. */
  markSaved(periods: number, objectIds?: Iterable<string>): void {
    for (const objectId of objectIds ?? this.#objectIds) {
      const row = this.#rowOf.get(objectId);
      if (row !== undefined) this.#saved[row] = Math.max(periods, this.#saved[row] ?? 0);
    }
  }

  #run(row: number, from: number): Omit<Segment, 'layout' | 'startSecond'> {
    const kpis = this.lane.kpis.length;
    const periods = this.periods - from;
    const data = new Float32Array(kpis * SERIES * periods).fill(Number.NaN);
    for (let place = 0; place < periods; place++) {
      const kept = this.#periods[from + place];
      if (kept === undefined || row >= kept.rows) continue;
      for (let column = 0; column < kpis * SERIES; column++) {
        data[column * periods + place] = kept.data[row * kpis * SERIES + column] ?? Number.NaN;
      }
    }
    return { periods, kpis, data };
  }

  #row(objectId: string): number {
    const known = this.#rowOf.get(objectId);
    if (known !== undefined) return known;
    const row = this.#objectIds.length;
    this.#rowOf.set(objectId, row);
    this.#objectIds.push(objectId);
    return row;
  }
}
