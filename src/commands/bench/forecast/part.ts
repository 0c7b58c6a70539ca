import type { PartOptions, PartResult } from '../accuracy/part.js';

/** What every part of `tocsin bench forecast` is given. */
export type ForecastPartOptions = Pick<PartOptions, 'scale' | 'set' | 'progress'>;

/** One part of `tocsin bench forecast`. */
export type ForecastPart = (options: ForecastPartOptions) => Promise<PartResult>;
