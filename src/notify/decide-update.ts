import type { ImpactSummary } from '../domain/customer.js';
import type { Incident } from '../domain/incident.js';
import { repairBandMs } from '../domain/repair.js';
import { shadow, type WaveVerdict, waveOf } from './decide-wave.js';
import { estimateToSay } from './estimate.js';
import type { NotificationPolicy } from './policy.js';

/** What the people of an incident were told of its end so far. Times are epoch ms, network time. */
export interface SaidSoFar {
  /** whether anybody was told at all */
  readonly hasTold: boolean;
  /** the repair time that was said last; null when none was */
  readonly untilMs: number | null;
  /** when the last update was decided; null before the first */
  readonly updatedAtMs: number | null;
  /** updates so far */
  readonly updates: number;
  readonly isShadow?: boolean;
}

/**
 * Decides whether those who were told are due a new estimate: one that has moved far enough, a first
 * one, or that the time they were told has passed. Each is an update of its own, counted from 1.
 */
export function decideUpdate(
  incident: Incident,
  impact: ImpactSummary,
  said: SaidSoFar,
  policy: NotificationPolicy,
  nowMs: number,
): WaveVerdict {
  const against = objectionToUpdate(incident, said, policy, nowMs);
  if (against !== undefined) return none(against);
  const estimatedRepairAtMs =
    incident.estimatedRepairAt === null ? null : Date.parse(incident.estimatedRepairAt);
  const stated = { estimatedRepairAtMs, repairBandMs: repairBandMs(incident.repair) };
  const saidNow = estimateToSay(stated, policy, nowMs);
  const why = whatIsNew(said.untilMs, saidNow, policy, nowMs);
  if (why === undefined) return none('nothing new to say of its end');
  const wave = {
    ...waveOf(incident, 'update', policy, nowMs, said.updates + 1),
    people: impact.expected,
    doubt: 0,
    estimateMs: saidNow,
  };
  if (policy.shadow || said.isShadow) return shadow(wave);
  return { ...wave, state: 'expanding', reason: why };
}

function objectionToUpdate(
  incident: Incident,
  said: SaidSoFar,
  policy: NotificationPolicy,
  nowMs: number,
): string | undefined {
  const { enabled, maxPerIncident, minGapMinutes } = policy.kinds.update;
  if (!enabled) return 'policy: update is not sent';
  if (incident.state !== 'open') return `state is ${incident.state}`;
  if (Date.parse(incident.silencedUntil ?? '') > nowMs) {
    return `silenced until ${incident.silencedUntil}`;
  }
  if (!said.hasTold) return 'nobody was told';
  if (said.updates >= maxPerIncident) return `${said.updates} updates, no more are sent`;
  if (said.updatedAtMs !== null && nowMs - said.updatedAtMs < minGapMinutes * 60_000) {
    return 'too soon after the last update';
  }
  return undefined;
}

/** What those who were told `before` would learn; undefined when that is nothing. */
function whatIsNew(
  before: number | null,
  now: number | null,
  { kinds }: NotificationPolicy,
  nowMs: number,
): string | undefined {
  if (now === null) {
    return before !== null && before <= nowMs ? 'the time that was said has passed' : undefined;
  }
  if (before === null) return 'a first estimate';
  const shiftMinutes = Math.round((now - before) / 60_000);
  if (Math.abs(shiftMinutes) < kinds.update.minShiftMinutes) return undefined;
  return `the estimate has moved by ${shiftMinutes} minutes`;
}

function none(reason: string): WaveVerdict {
  return { status: 'none', reason };
}
