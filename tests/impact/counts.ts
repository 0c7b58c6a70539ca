import type { ImpactCounts } from '../../src/impact/rank.js';

/** Nobody affected. */
export const NOBODY: ImpactCounts = {
  subscribers: 0,
  machines: 0,
  bySegment: {},
  expectedBySegment: {},
  everBySegment: {},
  lossBySegment: {},
  minutesBySegment: {},
  userMinutes: 0,
  vulnerable: 0,
  withoutVoice: 0,
  emergencyServices: 0,
  services: { voice: 0, data: 0, sms: 0 },
};

/** Thirty people, ten of them business customers, who lost 400 user-minutes so far. */
export const SOME: ImpactCounts = {
  subscribers: 30,
  machines: 4,
  bySegment: { consumer: 20, business: 10 },
  expectedBySegment: { consumer: 18, business: 9 },
  everBySegment: { consumer: 18, business: 9 },
  lossBySegment: { consumer: 9, business: 9 },
  minutesBySegment: { consumer: 100, business: 300 },
  userMinutes: 400,
  vulnerable: 2,
  withoutVoice: 0,
  emergencyServices: 0,
  services: { voice: 0, data: 0, sms: 0 },
};

/** Consumers at one place, all losing all of their service since some minutes. */
export function consumers(people: number, minutes: number): ImpactCounts {
  return {
    ...NOBODY,
    subscribers: people,
    bySegment: { consumer: people },
    expectedBySegment: { consumer: people },
    everBySegment: { consumer: people },
    lossBySegment: { consumer: people },
    minutesBySegment: { consumer: people * minutes },
    userMinutes: people * minutes,
  };
}
