/** Objects that are judged together: their state fits a processor's second-level cache. */
export const BLOCK = 128;

/**
 * Readings of one KPI by the objects of a block, in columns, without those that are absent. The hot
 * loops run down these columns: each is short, no object is made per reading, and none calls a
 * function that may do more than arithmetic. What needs one is rare: it is noted, and done after the
 * loop, for a call makes the compiler forget everything it knows of the arrays.
 */
export class Column {
  /** readings in the column */
  count = 0;
  /** place of the reading's object in the block */
  readonly at = new Int32Array(BLOCK);
  readonly object = new Int32Array(BLOCK);
  readonly series = new Int32Array(BLOCK);
  readonly x = new Float64Array(BLOCK);
  /** denominator of a ratio, NaN when unknown */
  readonly attempts = new Float64Array(BLOCK);
  /** readings the series had learnt before */
  readonly seen = new Int32Array(BLOCK);
  /** on the KPI's own scale: what was expected, its variance but for what sampling adds, its scatter
   * with that, the reading minus what was expected */
  readonly mean = new Float64Array(BLOCK);
  readonly variance = new Float64Array(BLOCK);
  readonly sd = new Float64Array(BLOCK);
  readonly residual = new Float64Array(BLOCK);
  /** residual in standard deviations */
  readonly z = new Float64Array(BLOCK);
  /** how much worse than `mean` is as ordinary, when `hasSlack`: days off that were seldom seen */
  readonly slack = new Float64Array(BLOCK);
  /** what the last residual does not explain, in standard deviations, positive where it is bad */
  readonly bad = new Float64Array(BLOCK);
  /** share of the service lost, [0,1], by notable readings; 0 by others */
  readonly loss = new Float64Array(BLOCK);
  /** 1 when the series has seen enough for a verdict */
  readonly warm = new Uint8Array(BLOCK);
  /** 1 when the series may learn from the reading */
  readonly healthy = new Uint8Array(BLOCK);
  /** places in the column of readings that something speaks against, ascending */
  readonly notable = new Int32Array(BLOCK);
  notables = 0;
  /** whether `slack` is filled in: on days off */
  hasSlack = false;
  /** whether a series has not learnt this kind of day yet */
  isAnyUnseen = false;
  /** whether a series leans on the shape it began with */
  isAnyYoung = false;

  /** @returns place in the column of the object at a place of the block, -1 when it is absent */
  find(place: number): number {
    let i = Math.min(place, this.count - 1);
    while (i >= 0 && (this.at[i] ?? 0) > place) i--;
    return this.at[i] === place ? i : -1;
  }
}
