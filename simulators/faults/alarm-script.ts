import type { Alarm } from '../../src/domain/alarm.js';
import type { Random } from '../random.js';
import type { TimedAlarm } from './types.js';

/** What an alarm says, without its id and times. */
export type AlarmWords = Pick<
  Alarm,
  'objectType' | 'objectId' | 'alarmType' | 'perceivedSeverity' | 'probableCause'
> &
  Partial<Pick<Alarm, 'specificProblem' | 'serviceAffecting' | 'additionalText' | 'vendor'>>;

/** How long until a management system tells: at once for an own sensor, later by polling. */
export interface Delay {
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

/** A sensor or a lost light reports within seconds. */
export const AT_ONCE: Delay = { fromSeconds: 2, toSeconds: 12 };
/** An unreachable node is found by polling. */
export const POLLED: Delay = { fromSeconds: 15, toSeconds: 60 };

/** Collects the alarms of one fault: each raised alarm is cleared after its end. */
export class AlarmScript {
  readonly #prefix: string;
  readonly #random: Random;
  readonly #share: number;
  readonly #alarms: TimedAlarm[] = [];
  #count = 0;

  /** @param share of the alarms that come at all, in [0,1] */
  constructor(prefix: string, random: Random, share: number) {
    this.#prefix = prefix;
    this.#random = random;
    this.#share = share;
  }

  /** Raises an alarm soon after `fromMs` and clears it soon after `toMs`. */
  raise(words: AlarmWords, fromMs: number, toMs: number, delay: Delay): void {
    const random = this.#random;
    const wait = random.between(delay.fromSeconds, delay.toSeconds);
    const clearWait = random.between(AT_ONCE.fromSeconds, POLLED.toSeconds);
    if (!random.chance(this.#share)) return;
    const raisedMs = Math.round(fromMs + wait * 1000);
    const clearedMs = Math.round(Math.max(toMs + clearWait * 1000, raisedMs + 1000));
    const alarmRaisedTime = new Date(raisedMs).toISOString();
    const alarmClearedTime = new Date(clearedMs).toISOString();
    const alarm: Alarm = {
      alarmId: `${this.#prefix}-A${++this.#count}`,
      ...words,
      alarmRaisedTime,
    };
    const cleared: Alarm = { ...alarm, perceivedSeverity: 'cleared', alarmClearedTime };
    this.#alarms.push({ atMs: raisedMs, alarm }, { atMs: clearedMs, alarm: cleared });
  }

  /** In order of time; a repetition of the same alarm while it is up stays as it is. */
  finish(): TimedAlarm[] {
    return this.#alarms.sort((a, b) => a.atMs - b.atMs);
  }
}
