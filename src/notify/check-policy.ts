import type { NotificationPolicy } from './policy.js';
import type { LegalBasis, QuietHours } from './policy-kinds.js';
import { isKnownZone } from './quiet-hours.js';

/** What contradicts something, and where it stands. */
export interface PolicyComplaint {
  readonly path: readonly string[];
  readonly message: string;
}

/** How people's whereabouts are known, as `rules/impact.yaml` has it. */
export type WhereaboutsMode = 'declared' | 'lastSeen' | 'learnt';

/** Kinds whose people are found by where they are. */
export const PLACED_KINDS = ['onset', 'works', 'overrun'] as const;

/**
 * Everything a schema cannot say of a policy: limits the wrong way round, hours that are none, a kind
 * that nothing allows, and people found by their location without leave.
 */
export function checkPolicy(policy: NotificationPolicy, mode: WhereaboutsMode): PolicyComplaint[] {
  return [
    ...checkPeople(policy),
    ...checkRollout(policy),
    ...checkKinds(policy),
    ...checkLocation(policy, mode),
    ...checkLimits(policy),
    ...checkOptOut(policy),
  ];
}

function checkPeople({ people }: NotificationPolicy): PolicyComplaint[] {
  const found: PolicyComplaint[] = [];
  if (people.maxPerWeek < people.maxPerDay) {
    found.push({
      path: ['people', 'maxPerWeek'],
      message: `was ${people.maxPerWeek}, allowed: at least maxPerDay, ${people.maxPerDay}`,
    });
  }
  if (people.defaultZone !== null && !isKnownZone(people.defaultZone)) {
    found.push({
      path: ['people', 'defaultZone'],
      message: `was "${people.defaultZone}", allowed: an IANA time zone such as Europe/Paris, or null`,
    });
  }
  return found;
}

function checkRollout({ rollout }: NotificationPolicy): PolicyComplaint[] {
  return (rollout.regions ?? []).flatMap((region, n) => {
    if (region.south < region.north && region.west < region.east) return [];
    const message = `of "${region.name}" holds no place, allowed: south below north, west below east`;
    return [{ path: ['rollout', 'regions', String(n)], message }];
  });
}

function checkKinds({ kinds }: NotificationPolicy): PolicyComplaint[] {
  const found: PolicyComplaint[] = [];
  for (const [name, kind] of Object.entries(kinds)) {
    if (kind.enabled && isBaseless(kind.legalBasis)) {
      found.push({
        path: ['kinds', name, 'legalBasis'],
        message:
          'names nothing that allows it, allowed: words for default or for a segment, or enabled: false',
      });
    }
    const { quietHours } = kind;
    if (quietHours === null) continue;
    if (isEmpty(quietHours)) {
      found.push({ path: ['kinds', name, 'quietHours'], message: SAME_HOURS });
    }
    for (const [segment, hours] of Object.entries(quietHours.segments ?? {})) {
      if (hours === null || !isEmpty(hours)) continue;
      found.push({
        path: ['kinds', name, 'quietHours', 'segments', segment],
        message: SAME_HOURS,
      });
    }
  }
  return found;
}

const SAME_HOURS = 'begin and end at the same time, allowed: different times, or null for any hour';

function isEmpty({ from, to }: QuietHours): boolean {
  return from === to;
}

function isBaseless({ default: basis, segments = {} }: LegalBasis): boolean {
  return basis === null && Object.values(segments).every((each) => each === null);
}

function checkLocation({ kinds }: NotificationPolicy, mode: WhereaboutsMode): PolicyComplaint[] {
  if (mode === 'declared') return [];
  return PLACED_KINDS.filter(
    (name) => kinds[name].enabled && isBaseless(kinds[name].locationBasis),
  ).map((name) => ({
    path: ['kinds', name, 'locationBasis'],
    message: `names nothing that allows the use of location, which whereabouts.mode "${mode}" in impact.yaml makes, allowed: words for default or for a segment, mode: declared, or enabled: false`,
  }));
}

function checkLimits({ kinds, estimate, budget, channels }: NotificationPolicy): PolicyComplaint[] {
  const found: PolicyComplaint[] = [];
  if (kinds.works.minAheadHours >= kinds.works.aheadHours) {
    found.push({
      path: ['kinds', 'works', 'minAheadHours'],
      message: `was ${kinds.works.minAheadHours}, allowed: below aheadHours, ${kinds.works.aheadHours}`,
    });
  }
  if (estimate.minAheadMinutes >= estimate.maxAheadMinutes) {
    found.push({
      path: ['estimate', 'minAheadMinutes'],
      message: `was ${estimate.minAheadMinutes}, allowed: below maxAheadMinutes, ${estimate.maxAheadMinutes}`,
    });
  }
  return [...found, ...checkBudgets({ budget, channels })];
}

function checkBudgets({
  budget,
  channels: { push, email },
}: Pick<NotificationPolicy, 'budget' | 'channels'>): PolicyComplaint[] {
  const budgets = [
    { path: ['budget'], ...budget },
    { path: ['channels', 'push'], ...push },
    { path: ['channels', 'email'], ...email },
  ];
  return budgets.flatMap(({ path, perIncident, perMonth }) => {
    if (perIncident === null || perMonth === null || perIncident <= perMonth) return [];
    const message = `was ${perIncident}, allowed: at most perMonth, ${perMonth}`;
    return [{ path: [...path, 'perIncident'], message }];
  });
}

/** Senders that nobody can reply to. */
const ONE_WAY = ['alphanumeric', 'push', 'email'] as const;

function checkOptOut({ texts }: NotificationPolicy): PolicyComplaint[] {
  return ONE_WAY.filter((sender) => /^\s*reply\s*$/i.test(texts.optOut[sender])).map((sender) => ({
    path: ['texts', 'optOut', sender],
    message: 'was "reply", which cannot reach it, allowed: the words that say how else',
  }));
}
