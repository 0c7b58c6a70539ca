/** One local day as it is expected to be, on the stabilised scale (`count-scale.ts`). */
export interface PatternDay {
  /** local days since 1970-01-01 */
  readonly dayNumber: number;
  /** by interval; null where the queue is expected to be closed */
  readonly centre: readonly (number | null)[];
  /** spread about the centre by interval, above 0 */
  readonly scale: readonly number[];
}

/** How a day's calls so far tell of the rest of it; variances in units of the interval's own. */
export interface IntradayFit {
  /** of what moves the whole day together */
  readonly dayVariance: number;
  /** of what lasts for some intervals */
  readonly passingVariance: number;
  /** how much of that is left an interval later, 0 to below 1 */
  readonly passingMemory: number;
  /** of what no other interval knows of */
  readonly noiseVariance: number;
}

/**
 * The ordinary pattern of one queue as learnt from its history: plain JSON, all that a forecast
 * needs. Days follow each other from the first after the history on.
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
  /** share of each model in the centre */
  readonly weights: Readonly<Record<string, number>>;
}
