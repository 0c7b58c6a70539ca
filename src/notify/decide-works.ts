import { contentId } from '../domain/ids.js';
import type { NotificationPolicy } from './policy.js';

/** Planned works as announced; epoch ms. */
export interface AnnouncedWorks {
  readonly workId: string;
  readonly resourceId: string;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
}

/** A wave about planned works. Times are epoch ms. */
export interface WorksWave {
  readonly waveId: string;
  /** stands where waves about an outage have their incident and lineage */
  readonly subjectId: string;
  readonly state: 'expanding' | 'awaitingApproval' | 'shadow';
  readonly reason: string;
  readonly validUntilMs: number;
}

/** What a decision about works needs to know besides them. */
export interface WorksContext {
  /** expected number of people whom they cut off */
  readonly people: number;
  /** whether shadow mode is switched on beside the policy's own */
  readonly isShadow?: boolean;
}

/** Where waves about an outage have their incident and lineage. */
export function worksSubject(workId: string): string {
  return `works:${workId}`;
}

/**
 * Decides whether planned works are due to be told; above the limit a person must agree, as of
 * outages. A wave is known by the works and when they begin: moved works are told anew.
 */
export function decideWorks(
  works: AnnouncedWorks,
  policy: NotificationPolicy,
  nowMs: number,
  context: WorksContext,
): WorksWave | undefined {
  return isWorksDue(works, policy, nowMs) ? worksWave(works, policy, nowMs, context) : undefined;
}

/** Whether people hear of works by now, and not too late. */
export function isWorksDue(
  { startsAtMs }: AnnouncedWorks,
  { kinds: { works } }: NotificationPolicy,
  nowMs: number,
): boolean {
  const aheadMs = startsAtMs - nowMs;
  const { enabled, aheadHours, minAheadHours } = works;
  return enabled && aheadMs <= aheadHours * 3_600_000 && aheadMs >= minAheadHours * 3_600_000;
}

/** The wave about works as it would be if they were due now. */
export function worksWave(
  { workId, resourceId, startsAtMs, endsAtMs }: AnnouncedWorks,
  policy: NotificationPolicy,
  nowMs: number,
  { people, isShadow = false }: WorksContext,
): WorksWave {
  const { minAheadHours, validMinutes } = policy.kinds.works;
  const lastMs = startsAtMs - minAheadHours * 3_600_000;
  return {
    waveId: contentId('wav', 'works', workId, resourceId, startsAtMs, endsAtMs),
    subjectId: worksSubject(workId),
    ...worksState(Math.round(people), policy, isShadow),
    validUntilMs: Math.min(nowMs + validMinutes * 60_000, lastMs),
  };
}

function worksState(
  people: number,
  { approval, shadow }: NotificationPolicy,
  isShadow: boolean,
): Pick<WorksWave, 'state' | 'reason'> {
  if (shadow || isShadow) return { state: 'shadow', reason: 'shadow mode: recorded, not sent' };
  const limit = approval.byCause.works ?? approval.abovePeople;
  if (people <= limit) {
    return { state: 'expanding', reason: `planned works are ahead of ${people} people` };
  }
  const reason = `planned works ahead of ${people} people, more than the ${limit} that need no approval`;
  return { state: 'awaitingApproval', reason };
}
