import { median } from 'simple-statistics';
import { findSeasons } from './season-finder.js';
import { StreamModel, type StreamShape } from './stream-model.js';

/** Rows before the first verdict. */
const WARM_UP = 32;
/** Rows of past kept to find seasons in and to build the next model from. */
const MOST_HISTORY = 32_768;
/** Seasons are looked for anew when the past has grown by this share, at most this many rows. */
const GROWTH = 0.3;
const MOST_WAIT = 8192;
/** Rows in a row that may go back in time before their time is taken for the true one. */
const MOST_BACKWARDS = 20;
/** Exact scaling that keeps differences of the greatest doubles finite. */
const DOWN = 2 ** -60;
/** Score 0.5 is a chance of 1 in 1,000, 0.75 of 1 in a million, 0.9 of 1 in 10^10. */
const SCORE_POWER = 0.1;

interface Row {
  timeMs: number;
  value: number;
}

/**
 * Scores one series of any period as a stream: each row by what came before it only. Step and
 * seasons are estimated from past rows at moments set by their number; when they change, a new
 * model is built by running it over the past kept.
 */
export class StreamDetector {
  #history: Row[] = [];
  #seen = 0;
  #nextSearch = WARM_UP;
  #shape: StreamShape = { stepMs: 1, seasonsMs: [], level: 0 };
  #direction = 1;
  #model: StreamModel | undefined;
  #last: Row | undefined;
  #backwards = 0;

  /**
   * Scores a row, then learns from it.
   * @param timeMs epoch ms, finite; rows that go back in time or repeat one are scored, not learnt
   * @param value finite
   * @returns improbability in [0, 1), rising with it: 1 - p^0.1; 0 in warm-up
   */
  score(timeMs: number, value: number): number {
    const row = { timeMs, value: value * DOWN };
    if (this.#seen === this.#nextSearch) this.#search();
    const nats = this.#model === undefined ? 0 : this.#take(this.#model, row);
    this.#seen++;
    this.#history.push(row);
    if (this.#history.length > MOST_HISTORY * 1.25)
      this.#history = this.#history.slice(-MOST_HISTORY);
    return this.#seen <= WARM_UP ? 0 : Math.max(0, -Math.expm1(-SCORE_POWER * nats));
  }

  #take(model: StreamModel, row: Row): number {
    const { stepMs } = this.#shape;
    const passed =
      this.#last === undefined ? stepMs : (row.timeMs - this.#last.timeMs) * this.#direction;
    if (passed <= 0 && ++this.#backwards <= MOST_BACKWARDS) {
      return model.glance(row.timeMs, row.value);
    }
    this.#backwards = 0;
    this.#last = row;
    return model.take(row.timeMs, row.value, Math.max(0, Math.round(passed / stepMs) - 1));
  }

  #search(): void {
    this.#nextSearch += Math.max(8, Math.min(MOST_WAIT, Math.floor(this.#seen * GROWTH)));
    const past = this.#history.slice(-MOST_HISTORY);
    const { stepMs, direction } = findStep(past);
    const seasonsMs = findSeasons(evenlySpaced(past, stepMs, direction), stepMs);
    const isSame =
      this.#model !== undefined &&
      direction === this.#direction &&
      Math.abs(stepMs / this.#shape.stepMs - 1) < 0.05 &&
      areAlike(seasonsMs, this.#shape.seasonsMs, stepMs);
    if (isSame) return;
    const level = median(past.slice(0, WARM_UP).map(({ value }) => value));
    this.#shape = { stepMs, seasonsMs, level };
    this.#direction = direction;
    this.#last = undefined;
    this.#backwards = 0;
    const model = new StreamModel(this.#shape);
    for (const row of past) this.#take(model, row);
    this.#model = model;
  }
}

/** Whether what was found says nothing against the seasons in use: absence alone is no evidence. */
function areAlike(found: readonly number[], known: readonly number[], stepMs: number): boolean {
  return found.every((ms) => known.some((one) => Math.abs(ms - one) <= 2 * stepMs));
}

/** Commonest distance of rows, and whether time runs forwards (1) or backwards (-1). */
function findStep(past: readonly Row[]): { stepMs: number; direction: number } {
  const distances: number[] = [];
  let forwards = 0;
  for (let i = 1; i < past.length; i++) {
    const distance = (past[i]?.timeMs ?? 0) - (past[i - 1]?.timeMs ?? 0);
    if (distance === 0) continue;
    distances.push(Math.abs(distance));
    forwards += Math.sign(distance);
  }
  return {
    stepMs: distances.length === 0 ? 1 : median(distances),
    direction: forwards < 0 ? -1 : 1,
  };
}

/**
 * The past on an even grid; what is missing repeats what came before it. A leap in time longer
 * than the whole past, or backwards, counts as one step.
 */
function evenlySpaced(past: readonly Row[], stepMs: number, direction: number): Float64Array {
  const grid: number[] = [];
  let anchor = { timeMs: past[0]?.timeMs ?? 0, slot: 0 };
  let before = { timeMs: anchor.timeMs, value: past[0]?.value ?? 0 };
  for (const row of past) {
    let slot = anchor.slot + Math.round(((row.timeMs - anchor.timeMs) * direction) / stepMs);
    const isLeap = (row.timeMs - before.timeMs) * direction < 0 || slot - grid.length > past.length;
    if (isLeap) {
      slot = grid.length;
      anchor = { timeMs: row.timeMs, slot };
    }
    while (grid.length < slot) grid.push(before.value);
    if (slot === grid.length) grid.push(row.value);
    before = row;
  }
  return Float64Array.from(grid.slice(-2 * MOST_HISTORY));
}
