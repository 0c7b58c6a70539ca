import type { AgentAnswer } from '../domain/agent-answer.js';
import type { StatedCause } from './act-schemas.js';

/** How many incidents opened, and how many of them operators marked as none. */
export interface MarkedCount {
  readonly name: string;
  readonly opened: number;
  readonly markedFalse: number;
}

/** What was stated of an incident's cause, and what a person said of it. */
export interface JudgedCause {
  readonly candidates: StatedCause['candidates'];
  /** id of the true cause; null when it was no incident */
  readonly trueId: string | null;
}

/** An operator's correction of how much may be raised by chance. */
export interface RateCorrection {
  /** network time, ISO 8601 */
  readonly at: string;
  readonly by: string;
  readonly why: string;
  readonly factor: number;
  /** null for all feeds */
  readonly feed: string | null;
}

/** What is stored of how well incidents and waves were. */
export interface QualityCounts {
  /** since when there is something to count, epoch ms */
  readonly sinceMs: number;
  readonly cells: number;
  readonly all: MarkedCount;
  readonly byKpi: readonly MarkedCount[];
  readonly byCause: readonly MarkedCount[];
  /** incidents of which a person said what the cause was, or that there was none */
  readonly judgedCauses: readonly JudgedCause[];
  readonly lastCorrection: RateCorrection | null;
  readonly judgedStatements: readonly JudgedStatement[];
  /** onset waves that left, of the last 365 days */
  readonly waves: {
    readonly sent: number;
    /** of incidents that operators marked as none */
    readonly wrong: number;
    /** doubts of those that went without a person's word, a wrong one as 1 */
    readonly spentDoubt: number;
  };
}

/** What a caller said of what had been stated about them. */
export interface JudgedStatement {
  readonly affected: 'yes' | 'probably' | 'no';
  readonly probability: number;
  readonly answer: AgentAnswer;
}

/** Counts since `fromMs` of what opened and was sent, and of what operators marked as wrong. */
export type QualityRead = (fromMs: number, nowMs: number) => Promise<QualityCounts>;
