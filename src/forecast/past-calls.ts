/** Calls of one queue in one UTC day that is over, packed, so that a year is read in no time. */
export interface PastCalls {
  readonly queue: string;
  /** UTC days since 1970-01-01 */
  readonly day: number;
  /** staffing intervals of the day that something is known of, from 0, each once */
  readonly intervals: Uint16Array;
  /** calls of each of `intervals` */
  readonly calls: Float64Array;
  /** calls given up, of so many that say so */
  readonly abandoned: number;
  readonly offeredOfAbandoned: number;
  /** mean handle time, of so many that say so */
  readonly handleSeconds: number;
  readonly handled: number;
}
