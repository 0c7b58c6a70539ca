import { Random, textHash } from '../random.js';
import { localMoment } from '../telemetry/calendar.js';
import { latticeNoise } from '../telemetry/lattice-noise.js';

/** One queue of the call centre and when it is open, in local hours. */
export interface CallQueue {
  readonly name: string;
  /** share of all ordinary calls */
  readonly share: number;
  readonly opens: number;
  readonly closes: number;
  /** whether it is open on Saturdays, and on Sundays and holidays */
  readonly saturday: boolean;
  readonly sunday: boolean;
  /** mean handle time */
  readonly ahtSeconds: number;
}

/** The simulated call centre: technical help never closes. */
export const QUEUES: readonly CallQueue[] = [
  {
    name: 'technical',
    share: 0.5,
    opens: 0,
    closes: 24,
    saturday: true,
    sunday: true,
    ahtSeconds: 260,
  },
  {
    name: 'commercial',
    share: 0.3,
    opens: 8,
    closes: 20,
    saturday: true,
    sunday: false,
    ahtSeconds: 340,
  },
  {
    name: 'business',
    share: 0.15,
    opens: 7,
    closes: 20,
    saturday: false,
    sunday: false,
    ahtSeconds: 300,
  },
  {
    name: 'english',
    share: 0.05,
    opens: 8,
    closes: 20,
    saturday: true,
    sunday: false,
    ahtSeconds: 320,
  },
];

/** Share of a day's calls by hour, where all hours are open. */
const HOURLY = [
  0.4, 0.25, 0.2, 0.15, 0.2, 0.4, 1.0, 2.4, 5.6, 8.4, 9.2, 8.6, 6.6, 6.4, 7.6, 7.8, 7.6, 7.4, 6.6,
  5.2, 3.4, 2.2, 1.4, 0.8,
] as const;
/** Monday to Sunday, relative. */
const DAYS = [1.22, 1.08, 1.02, 1, 1, 0.66, 0.34] as const;
/** Calls per subscriber and ordinary day. */
const CALLS_PER_SUBSCRIBER = 0.011;

/** Whether a queue takes calls at that time. */
export function isOpen(queue: CallQueue, ms: number, zone: string): boolean {
  const { quarter, dayKind } = localMoment(ms, zone);
  const hour = quarter / 4;
  if (dayKind === 'sunday' && !queue.sunday) return false;
  if (dayKind === 'saturday' && !queue.saturday) return false;
  return hour >= queue.opens && hour < queue.closes;
}

/**
 * Ordinary calls offered to a queue in one quarter hour: pattern of day and week, days that are
 * busier or quieter than usual, over-dispersed counts. Each interval can be asked for alone.
 */
export function ordinaryCalls(
  seed: number,
  queue: CallQueue,
  subscribers: number,
  startMs: number,
  zone: string,
): number {
  return new Random(seed ^ textHash(queue.name), Math.floor(startMs / 900_000)).negativeBinomial(
    ordinaryMean(seed, queue, subscribers, startMs, zone),
    35,
  );
}

/** The mean that `ordinaryCalls` are drawn around; 0 while closed. */
export function ordinaryMean(
  seed: number,
  queue: CallQueue,
  subscribers: number,
  startMs: number,
  zone: string,
): number {
  if (!isOpen(queue, startMs, zone)) return 0;
  const { quarter, weekday, dayKind, day } = localMoment(startMs, zone);
  const at = (quarter + 0.5) / 4 - 0.5 + 24;
  const before = HOURLY[Math.floor(at) % 24] ?? 0;
  const after = HOURLY[(Math.floor(at) + 1) % 24] ?? 0;
  const share = (before + (after - before) * (at % 1)) / 100 / 4;
  const ofDay = DAYS[dayKind === 'sunday' ? 6 : weekday - 1] ?? 1;
  const busy = Math.exp(0.07 * latticeNoise(seed, textHash(queue.name), day, 1));
  return subscribers * CALLS_PER_SUBSCRIBER * queue.share * share * ofDay * busy;
}
