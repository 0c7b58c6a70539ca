import type { IncidentLoad } from './surge/incident-load.js';
import type { SurgeBelief } from './surge/surge-belief.js';

/** One queue's part of a basis; lists have one value for each step. */
export interface QueueBasis {
  readonly queue: string;
  /** ordinary calls */
  readonly median: readonly number[];
  /** their quantiles, one list for each of `LEVELS` */
  readonly quantiles: readonly (readonly number[])[];
  readonly isOpen: readonly boolean[];
  /** mean handle time of an ordinary call */
  readonly ahtSeconds: number;
  /** people on the roster; null where it says nothing */
  readonly roster: readonly (number | null)[];
  /** calls due in the first step of those who gave up because of incidents */
  readonly redialsDue: number;
}

/** What is known of one incident's calls. */
export interface IncidentBasis {
  readonly load: IncidentLoad;
  readonly belief: SurgeBelief;
}

/**
 * Everything a forecast is made of: plain JSON, so that any instance can compose it, and ask what if,
 * without the models. Times are epoch ms.
 */
export interface ForecastBasis {
  readonly format: 2;
  readonly issuedAtMs: number;
  /** start of the first step, which `issuedAtMs` lies in */
  readonly firstMs: number;
  readonly intervalSeconds: number;
  readonly steps: number;
  readonly queues: readonly QueueBasis[];
  readonly incidents: readonly IncidentBasis[];
}
