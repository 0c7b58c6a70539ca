import type { LookupOutcome, SubscriberNetwork } from '../../src/api/ports.js';

const QUIET: SubscriberNetwork = {
  subscriberId: 7,
  kind: 'person',
  brand: '',
  isPartner: false,
  noText: null,
  affected: 'no',
  probability: 0,
  reason: 'No recent or usual trace at a cell in an incident.',
  service: null,
  services: null,
  reach: 'sms',
  since: null,
  incidentId: null,
  cause: null,
  estimatedRepairAt: null,
  repairSaidBy: null,
  sentence: 'We see no network incident that affects you at the moment.',
  validUntil: '2026-03-10T15:00:00.000Z',
  told: [],
  recent: [],
  recurring: { incidents: 0, isRecurring: false },
  works: [],
  sight: { state: 'clear', since: null },
  lines: null,
  answers: [],
};

/** What a look-up found: nothing wrong, but for what a test says. */
export function networkAnswer(change: Partial<SubscriberNetwork>): SubscriberNetwork {
  return { ...QUIET, ...change };
}

/** A look-up that knows one number only. */
export function lookupOf(known: string, network: SubscriberNetwork) {
  return {
    network: async (number: string): Promise<LookupOutcome> =>
      number === known ? { status: 'found', network, cells: ['S1-1'] } : { status: 'unknown' },
  };
}
