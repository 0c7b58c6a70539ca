import type { PartOptions, PartResult } from '../accuracy/part.js';

/** What every part of `tocsin bench impact` is given. */
export type ImpactPartOptions = Pick<PartOptions, 'scale' | 'set' | 'progress'>;

/** One part of `tocsin bench impact`. */
export type ImpactPart = (options: ImpactPartOptions) => Promise<PartResult>;
