/** One local day as it is expected to be, on the stabilised scale (`count-scale.ts`). */
export interface PatternDay {
  /** local days since 1970-01-01 */
  readonly dayNumber: number;
  /** by interval: whether the queue is expected to be open */
  readonly open: readonly boolean[];
  /** by interval, open or not; null where no interval like it was ever seen */
  readonly centre: readonly (number | null)[];
  /** spread about the centre by interval, above 0 */
  readonly scale: readonly number[];
}

/** How a day's calls so far tell of the rest of it; variances of deviations in units of the scale. */
export interface IntradayFit {
  /** of what moves the whole day together */
  readonly dayVariance: number;
  /** of what lasts for some intervals */
  readonly passingVariance: number;
  /** how much of that is left an interval later, 0 to below 1 */
  readonly passingMemory: number;
  /** of what no other interval knows of */
  readonly noiseVariance: number;
  /** by how much bands corrected by calls so far must be wider than these variances say */
  readonly widen: number;
}

/** How well a pattern has foretold, a day ahead, before it learnt. Shares of 1; null where undefined. */
export interface PatternRecord {
  /** of the last two weeks of days with data, and of the eight weeks before */
  readonly recentWape: number | null;
  readonly usualWape: number | null;
  /** forecast calls ÷ calls that came − 1, over the last two weeks */
  readonly recentBias: number | null;
  /** the recent errors are far out of what was usual: the pattern has changed */
  readonly hasDrifted: boolean;
}

/**
 * The ordinary pattern of one queue as learnt from its history: plain JSON, all that a forecast
 * needs. Days follow each other from the origin on.
 */
export interface PatternFit {
  readonly format: 1;
  readonly intervalSeconds: number;
  /** days of history it was learnt from */
  readonly learntDays: number;
  readonly days: readonly PatternDay[];
  /** for each of `LEVELS` the distance from the centre in units of `scale`, never falling */
  readonly distances: readonly number[];
  readonly intraday: IntradayFit;
  /** share of each model in the centre, a day ahead */
  readonly weights: Readonly<Record<string, number>>;
  readonly record: PatternRecord;
}
