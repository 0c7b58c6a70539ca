import type { PartOptions, PartResult } from '../accuracy/part.js';

/** What every part of `tocsin bench notify` is given. */
export type NotifyPartOptions = Pick<PartOptions, 'scale' | 'progress'> & {
  /** an embedded Postgres with the schema and nothing in it; a part works on copies */
  readonly templateUrl: string;
};

/** One part of `tocsin bench notify`. */
export type NotifyPart = (options: NotifyPartOptions) => Promise<PartResult>;
