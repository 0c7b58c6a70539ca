import { Random } from '../../../../simulators/random.js';

/** Sums of one day's scored intervals. */
export interface DayScore {
  readonly points: number;
  readonly actual: number;
  readonly missed: number;
  readonly in80: number;
  readonly in95: number;
}

/** A share with its interval at 95 %, by days drawn anew as wholes, since intervals of a day agree. */
export interface BlockShare {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

const DRAWS = 2000;

/** Σ part ÷ Σ of over days, with a bootstrap by day blocks (Künsch 1989, blocks of a day). */
export function blockShare(
  days: readonly DayScore[],
  part: (day: DayScore) => number,
  of: (day: DayScore) => number,
): BlockShare {
  const random = new Random(1, 'day-blocks');
  const share = (drawn: readonly DayScore[]): number =>
    drawn.reduce((sum, day) => sum + part(day), 0) / drawn.reduce((sum, day) => sum + of(day), 0);
  const draws = Array.from({ length: DRAWS }, () => share(days.map(() => random.pick(days))));
  draws.sort((a, b) => a - b);
  const at = (level: number): number => draws[Math.floor(level * DRAWS)] ?? Number.NaN;
  return { share: share(days), low: at(0.025), high: at(0.975) };
}
