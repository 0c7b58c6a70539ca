import type { RegulatoryClock } from '../../domain/regulatory-clock.js';
import { clock as clockTime, count, percent, span } from '../format.js';

type Lacking = NonNullable<RegulatoryClock['lacking']>;

/** How a duty to report stands, and how urgent that is. */
export interface ClockWords {
  readonly state: 'not started' | 'running' | 'overrun' | 'reported';
  /** as an operator reads it: `1 h 12 min left`, `62 % of 900,000 user-minutes` */
  readonly text: string;
  readonly tone: 'quiet' | 'warn' | 'bad' | 'good';
}

const LACKING: Record<Lacking['what'], (lacking: Lacking) => string> = {
  confirmation: () => 'the incident is only suspected',
  userMinutes: (lacking) => `${share(lacking)} of ${count(lacking.needed)} user-minutes`,
  durationMinutes: ({ value, needed }) =>
    `${span(value * 60_000)} of ${span(needed * 60_000)} since it began`,
  subscribers: (lacking) => `${share(lacking)} of ${count(lacking.needed)} people`,
  emergencyCalling: () => 'emergency calling works',
  sites: ({ value, needed }) => `${count(value)} of ${count(needed)} sites`,
  area: () => 'not in its area',
};

/** Never 100 % of what has not been reached. */
function share({ value, needed }: Lacking): string {
  return percent(Math.min(0.99, Math.floor((100 * value) / needed) / 100));
}

function reportedWords(
  { at, by, why }: NonNullable<RegulatoryClock['reported']>,
  deadlineAt: string | null,
  nowMs: number,
): ClockWords {
  const isLate = deadlineAt !== null && at > deadlineAt;
  const text = `${clockTime(Date.parse(at), nowMs)} by ${by}${isLate ? ', after the deadline' : ''}: ${why}`;
  return { state: 'reported', text, tone: isLate ? 'warn' : 'good' };
}

/** A clock in words at a moment. @param isOver whether the incident has ended */
export function clockWords(given: RegulatoryClock, nowMs: number, isOver: boolean): ClockWords {
  const { deadlineAt, lacking, expectedStartAt, reported } = given;
  if (reported !== undefined) return reportedWords(reported, deadlineAt, nowMs);
  if (deadlineAt !== null) {
    const leftMs = Date.parse(deadlineAt) - nowMs;
    return leftMs >= 0
      ? { state: 'running', text: `${span(leftMs)} left`, tone: 'warn' }
      : { state: 'overrun', text: `since ${span(-leftMs)}`, tone: 'bad' };
  }
  const reached = lacking === null ? '' : LACKING[lacking.what](lacking);
  const foreseen = expectedStartAt === null ? Number.NaN : Date.parse(expectedStartAt);
  const text =
    isOver || Number.isNaN(foreseen) ? reached : `${reached}, starts ${clockTime(foreseen, nowMs)}`;
  return { state: 'not started', text, tone: 'quiet' };
}
