import type { TelemetryGap } from '../domain/incident.js';
import { clock } from './describe.js';
import type { SilenceVerdict } from './silence.js';
import type { World } from './world.js';

interface Gap {
  readonly feed: string;
  readonly fromMs: number;
  readonly cells: Set<number>;
  lastSinceMs: number;
  /** how many of its cells were silent when it was last looked at */
  silent: number;
}

/** What is stored of a gap; cells as keys. */
export interface StoredGap {
  readonly feed: string;
  readonly fromMs: number;
  readonly lastSinceMs: number;
  readonly cells: readonly string[];
  /** absent in states stored before it was kept */
  readonly silent?: number;
}

/**
 * Follows telemetry gaps: silent cells of a feed that fell silent together. A gap is known by feed
 * and start; a later report of it replaces the earlier one. While it goes on it is said to hold the
 * cells that are silent still, once it is over all that were.
 */
export class GapWatch {
  #gaps: Gap[] = [];

  /** @returns gaps that began, changed or ended, by feed then start */
  update(
    world: World,
    verdicts: ReadonlyMap<number, SilenceVerdict>,
    nowMs: number,
  ): TelemetryGap[] {
    const changed = new Set<Gap>();
    for (const gap of this.#gaps) this.#dropWitnessed(world, gap, verdicts, changed);
    for (const cell of this.#newCells(world, verdicts)) this.#join(world, cell, changed);
    const told: TelemetryGap[] = [];
    const order = [...this.#gaps].sort((a, b) =>
      a.feed < b.feed ? -1 : a.feed > b.feed ? 1 : a.fromMs - b.fromMs,
    );
    for (const gap of order) {
      const silent = [...gap.cells].filter((cell) => verdicts.has(cell));
      if (silent.length !== gap.silent) changed.add(gap);
      gap.silent = silent.length;
      const isOver = silent.length === 0;
      if (isOver) this.#gaps = this.#gaps.filter((each) => each !== gap);
      if (isOver) told.push(tell(world, gap, [...gap.cells], nowMs));
      else if (changed.has(gap)) told.push(tell(world, gap, silent, null));
    }
    return told;
  }

  /** For storing. */
  stored(world: World): StoredGap[] {
    return this.#gaps.map(({ feed, fromMs, lastSinceMs, silent, cells }) => ({
      feed,
      fromMs,
      lastSinceMs,
      silent,
      cells: [...cells].map((cell) => world.space.keyOf(cell)),
    }));
  }

  restore(world: World, stored: readonly StoredGap[]): void {
    this.#gaps = stored.map((gap) => ({
      ...gap,
      silent: gap.silent ?? gap.cells.length,
      cells: new Set(gap.cells.map((key) => world.space.fromKey(key))),
    }));
  }

  /** A cell whose silence turns out to be an outage was never part of the gap. */
  #dropWitnessed(
    world: World,
    gap: Gap,
    verdicts: ReadonlyMap<number, SilenceVerdict>,
    changed: Set<Gap>,
  ): void {
    for (const cell of gap.cells) {
      const verdict = verdicts.get(cell);
      const wasOut = verdict === undefined && world.silenceBefore(cell) !== undefined;
      if (verdict !== 'witnessed' && !wasOut) continue;
      gap.cells.delete(cell);
      changed.add(gap);
    }
  }

  #newCells(world: World, verdicts: ReadonlyMap<number, SilenceVerdict>): number[] {
    const known = new Set(this.#gaps.flatMap(({ cells }) => [...cells]));
    const cells = [...verdicts].filter(([cell, verdict]) => verdict === 'gap' && !known.has(cell));
    const since = (cell: number): number => world.anomalies.verdict(cell)?.sinceMs ?? 0;
    return cells
      .map(([cell]) => cell)
      .sort(
        (a, b) => since(a) - since(b) || (world.space.keyOf(a) < world.space.keyOf(b) ? -1 : 1),
      );
  }

  #join(world: World, cell: number, changed: Set<Gap>): void {
    const verdict = world.anomalies.verdict(cell);
    const feed = verdict?.anomalies[0]?.feed ?? '';
    const sinceMs = verdict?.sinceMs ?? 0;
    const nearMs = 2 * world.feeds.periodMs;
    let gap = this.#gaps.find(
      (each) =>
        each.feed === feed && sinceMs >= each.fromMs && sinceMs <= each.lastSinceMs + nearMs,
    );
    if (gap === undefined) {
      gap = { feed, fromMs: sinceMs, cells: new Set(), lastSinceMs: sinceMs, silent: 0 };
      this.#gaps.push(gap);
    }
    gap.cells.add(cell);
    gap.lastSinceMs = Math.max(gap.lastSinceMs, sinceMs);
    changed.add(gap);
  }
}

function tell(
  world: World,
  gap: Gap,
  told: readonly number[],
  endedAtMs: number | null,
): TelemetryGap {
  const cells = told.map((cell) => world.space.idOf(cell)).sort();
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const cell of gap.cells) lastMs = Math.max(lastMs, world.ended.get(cell) ?? lastMs);
  const toMs = endedAtMs === null ? null : Number.isFinite(lastMs) ? lastMs : endedAtMs;
  const reason =
    cells.length === 0
      ? `what was silent in ${gap.feed} turned out to be an outage`
      : `${cells.length} cells of ${gap.feed} silent since ${clock(gap.fromMs)}; no alarm and no neighbour says that they are down`;
  return { fromMs: gap.fromMs, toMs, feed: gap.feed, cells, reason };
}
