import { DateTime } from 'luxon';
import type { FaultKind, FaultSpec } from '../../../../simulators/faults/types.js';
import { mix32, Random, textHash } from '../../../../simulators/random.js';
import type { CaseSet } from '../accuracy/part.js';

/** A world whose people are watched for weeks before things happen to it. Times are epoch ms. */
export interface PeoplePlan {
  readonly seed: number;
  readonly sites: number;
  readonly cells: number;
  readonly subscribers: number;
  /** share of subscribers of whom sightings come at all */
  readonly presenceShare: number;
  /** what is learnt is learnt from here on */
  readonly fromMs: number;
  /** a Monday, local midnight; cases lie in the week that begins then */
  readonly branchMs: number;
}

/** One thing that happens to one world. */
export interface PeopleCase {
  readonly name: string;
  readonly kind: FaultKind;
  readonly slot: string;
  readonly seed: number;
  readonly fault: FaultSpec;
}

interface SetSettings {
  readonly seeds: readonly number[];
  readonly firstMonday: string;
  readonly withinWeeks: number;
}

/** No seed and no month is in both. */
const SETS: Readonly<Record<CaseSet, SetSettings>> = {
  development: { seeds: [2101, 2102, 2103, 2104], firstMonday: '2026-02-02', withinWeeks: 12 },
  scoring: {
    seeds: [7301, 7302, 7303, 7304, 7305, 7306],
    firstMonday: '2025-09-01',
    withinWeeks: 12,
  },
};

const ZONE = 'Europe/Paris';
const LEARNING_WEEKS = 3;

/** Outages of one cell group to a region, trouble that leaves some service, and a mere crowd. */
const KINDS: readonly FaultKind[] = [
  'sectorFailure',
  'sitePower',
  'transportCut',
  'regionalPowerCut',
  'interference',
  'congestion',
];

/** When things happen: the day of the week and the hours in which they may begin. */
const SLOTS = [
  { slot: 'working day', weekday: [1, 5], hour: [10, 15] },
  { slot: 'working evening', weekday: [1, 5], hour: [17, 21] },
  { slot: 'working night', weekday: [2, 5], hour: [0, 4] },
  { slot: 'weekend day', weekday: [6, 7], hour: [10, 18] },
] as const;

/** Longest a case lasts; the last moment looked at lies within. */
const DURATION_MS = 150 * 60_000;
/** Moments at which who is affected is asked, after the failure. */
export const ASKED_AFTER_MS: readonly number[] = [5, 30, 120].map((minutes) => minutes * 60_000);

/** The worlds of a set; the same set and scale give the same ones. */
export function peoplePlans(set: CaseSet, scale: number): PeoplePlan[] {
  const { seeds, firstMonday, withinWeeks } = SETS[set];
  const worlds = Math.max(1, Math.round(seeds.length * scale));
  return seeds.slice(0, worlds).map((seed) => {
    const random = new Random(seed, 'people plan');
    const first = DateTime.fromISO(firstMonday, { zone: ZONE });
    const branch = first.plus({ weeks: LEARNING_WEEKS + random.below(withinWeeks) });
    const sites = 50 + random.below(30);
    return {
      seed,
      sites,
      cells: Math.round(sites * random.between(3.3, 4.5)),
      subscribers: 6_000,
      presenceShare: random.between(0.6, 1),
      fromMs: branch.minus({ weeks: LEARNING_WEEKS }).toMillis(),
      branchMs: branch.toMillis(),
    };
  });
}

/** The cases of a world: each kind at each time of the week. */
export function peopleCases({ seed, branchMs }: PeoplePlan): PeopleCase[] {
  return KINDS.flatMap((kind) =>
    SLOTS.map(({ slot, weekday, hour }) => {
      const name = `${kind}, ${slot}`;
      const own = mix32(seed, textHash(name));
      const random = new Random(own, 'people case');
      const day = weekday[0] + random.below(weekday[1] - weekday[0] + 1);
      const minutes = Math.round(random.between(hour[0], hour[1]) * 60);
      const start = DateTime.fromMillis(branchMs, { zone: ZONE }).plus({ days: day - 1, minutes });
      const fault: FaultSpec = {
        kind,
        fromMs: start.toMillis(),
        durationMs: DURATION_MS,
        depth: random.between(0.6, 1),
      };
      return { name, kind, slot, seed: own, fault };
    }),
  );
}
