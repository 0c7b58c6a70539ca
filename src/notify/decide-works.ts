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
  readonly state: 'expanding' | 'shadow';
  readonly reason: string;
  readonly validUntilMs: number;
}

/** A wave is known by the works and when they begin: moved works are told anew. */
export function decideWorks(
  { workId, resourceId, startsAtMs, endsAtMs }: AnnouncedWorks,
  policy: NotificationPolicy,
  nowMs: number,
  isShadow = false,
): WorksWave | undefined {
  const { enabled, aheadHours, minAheadHours, validMinutes } = policy.kinds.works;
  const aheadMs = startsAtMs - nowMs;
  const isDue = aheadMs <= aheadHours * 3_600_000 && aheadMs >= minAheadHours * 3_600_000;
  if (!enabled || !isDue) return undefined;
  const waveId = contentId('wav', 'works', workId, resourceId, startsAtMs, endsAtMs);
  const lastMs = startsAtMs - minAheadHours * 3_600_000;
  return {
    waveId,
    subjectId: `works:${workId}`,
    state: policy.shadow || isShadow ? 'shadow' : 'expanding',
    reason: 'planned works are ahead',
    validUntilMs: Math.min(nowMs + validMinutes * 60_000, lastMs),
  };
}
