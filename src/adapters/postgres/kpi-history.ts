import type pg from 'pg';
import type { ObjectType } from '../../domain/ids.js';
import type { LanePeriod, LaneSpec } from '../../domain/lane.js';
import type { ShardHistory } from '../../runtime/ports.js';
import { copyInto } from './copy.js';
import { LaneBuffer } from './kpi-buffer.js';
import { packSegment, SERIES, type Segment, unpackSegments } from './kpi-pack.js';
import { query, withTransaction } from './pool.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** One KPI at one period; null where nothing was reported or expected. */
export interface KpiPoint {
  /** start of the period, epoch ms */
  readonly t: number;
  readonly value: number | null;
  readonly expected: number | null;
  readonly lo: number | null;
  readonly hi: number | null;
}

/** A KPI of one object over time, in order, one point for each period on record. */
export interface KpiSeries {
  readonly feed: string;
  readonly kpi: string;
  readonly periodSeconds: number;
  readonly points: readonly KpiPoint[];
}

/** Which object, from when (inclusive) to when (exclusive); all feeds when none is named. */
export interface KpiQuery {
  readonly objectType: ObjectType;
  readonly objectId: string;
  readonly feed?: string;
  readonly fromMs: number;
  readonly toMs: number;
}

interface Layout {
  readonly feed: string;
  readonly period_seconds: number;
  readonly kpis: readonly string[];
}

/** Hours that are over and wait to be written: beyond this `relieve` writes them. */
const RELIEF_BYTES = 64 * 1024 * 1024;

interface ShardBuffer {
  readonly shard: string;
  readonly buffer: LaneBuffer;
}

/**
 * KPI history for charts and refits: one packed row per object, feed and UTC day. Periods are
 * gathered in memory by hour; `flushFull` writes the hours that are over, `flush` everything.
 * Nothing is given up: who releases many periods at once calls `relieve` in between, and who saves
 * what was released calls `flushShard` first.
 */
export class KpiHistory implements ShardHistory {
  readonly #pool: pg.Pool;
  readonly #lanes = new Map<string, ShardBuffer>();
  /** complete buffers, oldest first, until they are written */
  #full: ShardBuffer[] = [];
  readonly #layouts = new Map<string, number>();
  #writing: Promise<void> = Promise.resolve();
  readonly #reliefBytes: number;

  /** @param reliefBytes of hours that are over, beyond which `relieve` writes them */
  constructor(pool: pg.Pool, reliefBytes = RELIEF_BYTES) {
    this.#pool = pool;
    this.#reliefBytes = reliefBytes;
  }

  /**
   * Takes a released period; its arrays may change after the call.
   * @param shard whose lane it is: two shards release the same feed each for its own objects
   */
  observe(period: LanePeriod, shard = ''): void {
    const key = `${shard}\u001f${period.lane.feed}`;
    let open = this.#lanes.get(key);
    if (open !== undefined && !isSameHour(open.buffer, period)) {
      this.#full.push(open);
      open = undefined;
    }
    if (open === undefined) {
      open = { shard, buffer: new LaneBuffer(period.lane) };
      this.#lanes.set(key, open);
    }
    open.buffer.add(period);
  }

  /** Hours that are over and not written yet: write them with `flushFull`. */
  get fullBuffers(): number {
    return this.#full.length;
  }

  /**
   * Writes hours that are over. On a failure they stay for the next call.
   * @throws TocsinError `unavailable.postgres`
   */
  flushFull(): Promise<void> {
    return this.#exclusively(async () => {
      for (let first = this.#full[0]; first !== undefined; first = this.#full[0]) {
        await this.#save(first.buffer);
        if (this.#full[0] === first) this.#full.shift();
      }
    });
  }

  /** Writes the hours that are over if they have grown large. @throws as `flushFull` */
  async relieve(): Promise<void> {
    const bytes = this.#full.reduce((sum, { buffer }) => sum + buffer.bytes, 0);
    if (bytes > this.#reliefBytes) await this.flushFull();
  }

  /** Writes everything gathered of a shard. @throws as `flushFull` */
  async flushShard(shard: string): Promise<void> {
    await this.flushFull();
    await this.#exclusively(async () => {
      for (const open of this.#lanes.values()) {
        if (open.shard === shard) await this.#save(open.buffer);
      }
    });
  }

  /** Drops what was gathered of a shard and not written: its periods will be released again. */
  forget(shard: string): void {
    this.#full = this.#full.filter((each) => each.shard !== shard);
    for (const [key, open] of this.#lanes) if (open.shard === shard) this.#lanes.delete(key);
  }

  /** Writes everything gathered so far, of these objects or of all. */
  async flush(objectIds?: readonly string[]): Promise<void> {
    await this.flushFull();
    await this.#exclusively(async () => {
      for (const { buffer } of this.#lanes.values()) await this.#save(buffer, objectIds);
    });
  }

  /** What is in the database: `flush` the object first to have its newest periods too. */
  async read(wanted: KpiQuery): Promise<KpiSeries[]> {
    const { objectType, objectId, feed, fromMs, toMs } = wanted;
    const result = await query<{ feed: string; day: string; payload: Buffer }>(
      this.#pool,
      `select feed, day::text as day, payload from kpi_history
        where object_type = $1 and object_id = $2 and ($3::text is null or feed = $3)
          and day >= $4::date and day <= $5::date order by feed, day`,
      [objectType, objectId, feed ?? null, dayOf(fromMs), dayOf(toMs - 1)],
    );
    const segments = result.rows.flatMap(({ day, payload }) =>
      unpackSegments(payload).map((segment) => ({ segment, dayMs: Date.parse(`${day}T00:00Z`) })),
    );
    const layouts = await this.#readLayouts(segments.map(({ segment }) => segment.layout));
    const series = new Map<string, SeriesBuilder>();
    for (const { segment, dayMs } of segments) {
      const layout = layouts.get(segment.layout);
      if (layout !== undefined) unfold(series, layout, segment, dayMs);
    }
    return [...series.values()].map((each) => each.between(fromMs, toMs));
  }

  /** Forgets days before this moment. @returns rows deleted */
  async prune(beforeMs: number): Promise<number> {
    const result = await query(this.#pool, 'delete from kpi_history where day < $1::date', [
      dayOf(beforeMs),
    ]);
    return result.rowCount ?? 0;
  }

  #exclusively(body: () => Promise<void>): Promise<void> {
    const turn = this.#writing.then(body);
    this.#writing = turn.catch(() => undefined);
    return turn;
  }

  async #save(buffer: LaneBuffer, objectIds?: readonly string[]): Promise<void> {
    const { lane, periods } = buffer;
    const layout = await this.#layoutOf(lane);
    const rows = rowsOf(buffer, layout, objectIds);
    await withTransaction(this.#pool, async (client) => {
      await client.query(
        `create temp table fresh_history (object_id text, day date, payload bytea) on commit drop`,
      );
      const count = await copyInto(client, 'fresh_history', rows);
      if (count === 0) return;
      await client.query(
        `insert into kpi_history as h (object_type, object_id, feed, day, payload)
         select $1, object_id, $2, day, payload from fresh_history order by object_id
         on conflict (object_type, object_id, feed, day)
           do update set payload = h.payload || excluded.payload`,
        [lane.objectType, lane.feed],
      );
    });
    buffer.markSaved(periods, objectIds);
  }

  async #layoutOf(lane: LaneSpec): Promise<number> {
    const kpis = lane.kpis.map(({ name }) => name);
    const key = JSON.stringify([lane.feed, lane.periodSeconds, kpis]);
    const known = this.#layouts.get(key);
    if (known !== undefined) return known;
    const values = [lane.feed, lane.periodSeconds, kpis];
    await query(
      this.#pool,
      `insert into kpi_history_layouts (feed, period_seconds, kpis) values ($1, $2, $3)
       on conflict do nothing`,
      values,
    );
    const found = await query<{ layout_id: number }>(
      this.#pool,
      `select layout_id from kpi_history_layouts
        where feed = $1 and period_seconds = $2 and kpis = $3`,
      values,
    );
    const layout = found.rows[0]?.layout_id ?? 0;
    this.#layouts.set(key, layout);
    return layout;
  }

  async #readLayouts(ids: readonly number[]): Promise<Map<number, Layout>> {
    const result = await query<Layout & { layout_id: number }>(
      this.#pool,
      'select layout_id, feed, period_seconds, kpis from kpi_history_layouts where layout_id = any($1)',
      [[...new Set(ids)]],
    );
    return new Map(result.rows.map((row) => [row.layout_id, row]));
  }
}

function isSameHour(buffer: LaneBuffer, period: LanePeriod): boolean {
  const hour = (ms: number): number => Math.floor(ms / HOUR_MS);
  const isSame = hour(buffer.startMs ?? period.periodStartMs) === hour(period.periodStartMs);
  return isSame && buffer.continues(period.periodStartMs) && buffer.lane === period.lane;
}

function* rowsOf(
  buffer: LaneBuffer,
  layout: number,
  objectIds?: readonly string[],
): Generator<(string | Buffer)[]> {
  for (const { objectId, startMs, segment } of buffer.unsaved(objectIds)) {
    const startSecond = Math.floor((startMs % DAY_MS) / 1000);
    yield [objectId, dayOf(startMs), packSegment({ ...segment, layout, startSecond })];
  }
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Points of one KPI by time: a segment that comes later replaces what an earlier one said. */
class SeriesBuilder {
  readonly #head: Omit<KpiSeries, 'points'>;
  readonly #points = new Map<number, KpiPoint>();

  constructor(head: Omit<KpiSeries, 'points'>) {
    this.#head = head;
  }

  set(point: KpiPoint): void {
    this.#points.set(point.t, point);
  }

  between(fromMs: number, toMs: number): KpiSeries {
    const points = [...this.#points.values()]
      .filter(({ t }) => t >= fromMs && t < toMs)
      .sort((a, b) => a.t - b.t);
    return { ...this.#head, points };
  }
}

function unfold(
  series: Map<string, SeriesBuilder>,
  layout: Layout,
  segment: Segment,
  dayMs: number,
): void {
  const { feed, period_seconds: periodSeconds } = layout;
  for (const [place, kpi] of layout.kpis.entries()) {
    const key = JSON.stringify([feed, kpi, periodSeconds]);
    const builder = series.get(key) ?? new SeriesBuilder({ feed, kpi, periodSeconds });
    series.set(key, builder);
    const at = (column: number, period: number): number | null => {
      const value = segment.data[(place * SERIES + column) * segment.periods + period];
      return value === undefined || Number.isNaN(value) ? null : value;
    };
    for (let period = 0; period < segment.periods; period++) {
      const t = dayMs + (segment.startSecond + period * periodSeconds) * 1000;
      const [value, expected, lo, hi] = [0, 1, 2, 3].map((column) => at(column, period));
      builder.set({
        t,
        value: value ?? null,
        expected: expected ?? null,
        lo: lo ?? null,
        hi: hi ?? null,
      });
    }
  }
}
