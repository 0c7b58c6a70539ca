import type { ImpactSummary } from '../../src/domain/customer.js';
import type { DispatchFacts } from '../../src/notify/dispatch-facts.js';
import { MINUTE, T0 } from '../services/customers.js';

/** A message about an outage that nothing stands against. */
export const onset: DispatchFacts = {
  kind: 'onset',
  language: 'fr',
  waveState: 'expanding',
  validUntilMs: T0 + 60 * MINUTE,
  incidentState: 'open',
  startedAtMs: T0 - 10 * MINUTE,
  endedAtMs: null,
  estimatedRepairAtMs: null,
  repairBandMs: 0,
  place: 'Rennes',
  isAround: false,
  zone: 'Europe/Paris',
  isManager: false,
  lines: 0,
  channel: 'sms',
  wantedChannels: [],
  lostChannels: [],
  failedChannels: [],
  isErased: false,
  isOptedOut: false,
  hasNumber: true,
  isAffected: true,
  service: 'none',
  isReachable: true,
  isAffectedElsewhere: false,
  wasTold: false,
  isRepeat: false,
  variant: 'full',
  segment: 'consumer',
  isVulnerable: false,
  decidedEstimateMs: null,
  isEmergencyLost: false,
  isControl: false,
  lastSaidMs: null,
  isSuperseded: false,
  isPlanned: false,
  textsToday: 0,
  textsThisWeek: 0,
  segmentsOfIncident: 0,
  segmentsOfMonth: 0,
};
/** Word that it is over, to somebody who was told. */
export const restored: DispatchFacts = {
  ...onset,
  kind: 'restored',
  incidentState: 'resolved',
  endedAtMs: T0,
  wasTold: true,
  isAffected: false,
};

/** What an incident means for so many people. */
export function impactOf(expected: number): ImpactSummary {
  return {
    subscribers: expected,
    expected,
    machines: 0,
    bySegment: {},
    userMinutes: 0,
    rankScore: 0,
    rankParts: {},
  };
}
