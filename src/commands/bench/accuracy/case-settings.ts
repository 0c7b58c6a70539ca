import type { CaseSet } from './part.js';

/** Least and greatest value of something that is drawn. */
export type Range = readonly [number, number];

/** What the cases of one set are drawn from. */
export interface CaseSettings {
  readonly set: CaseSet;
  /** one world each; no other set may have one of them */
  readonly worldSeeds: readonly number[];
  /** mixed into every draw of a case */
  readonly caseSeed: number;
  readonly sites: Range;
  readonly cellsPerSite: Range;
  /** worlds begin on a day from `firstDay` on, within so many days */
  readonly firstDay: string;
  readonly withinDays: number;
  /** days of healthy history before something happens */
  readonly warmUpDays: number;
  /** multiplies every spread of the counters */
  readonly noise: Range;
  /** shares of reports that come late, too late, never, twice */
  readonly late: Range;
  readonly tooLate: Range;
  readonly lost: Range;
  readonly doubled: Range;
  /** share of a fault's alarms that come, where alarms come at all */
  readonly alarms: Range;
  /** how bad degradations are, 1 the kind's full depth */
  readonly depth: Range;
}
