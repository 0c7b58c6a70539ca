import { CHANNELS, type NotificationKind } from '../domain/customer.js';
import type { SmsFacts } from './text-facts.js';

/** A place and times that a text must cope with. */
export const SAMPLE = {
  place: 'Saint-Brieuc',
  isAround: true,
  zone: 'Europe/Paris',
  startedAtMs: Date.UTC(2026, 0, 14, 13, 5),
  estimatedRepairAtMs: Date.UTC(2026, 0, 14, 15, 25),
  repairBandMs: 0,
} as const;

/** Lines of a large account. */
const SAMPLE_LINES = 1240;

const KINDS: readonly NotificationKind[] = ['onset', 'update', 'restored', 'works', 'overrun'];

/** Every variant of every text in a language, for trying them before a night in which they matter. */
export function sampleFacts(language: string): SmsFacts[] {
  const facts: SmsFacts[] = [];
  const add = (
    given: Pick<SmsFacts, 'kind' | 'service' | 'audience'>,
    variant: 'full' | 'short',
  ) => {
    for (const channel of CHANNELS) {
      for (const reach of ['now', 'later'] as const) {
        facts.push(sampleOf({ ...given, language, channel, reach }, variant));
      }
    }
  };
  for (const kind of KINDS) {
    for (const service of ['none', 'degraded'] as const) {
      for (const audience of ['person', 'fleet'] as const) add({ kind, service, audience }, 'full');
    }
  }
  add({ kind: 'onset', service: 'none', audience: 'person' }, 'short');
  return facts;
}

/** One sample; the longest in most languages, with every value known. */
export function sampleOf(
  given: Pick<SmsFacts, 'kind' | 'language' | 'channel' | 'service' | 'reach' | 'audience'>,
  variant: SmsFacts['variant'] = 'full',
): SmsFacts {
  const lines = given.audience === 'fleet' ? SAMPLE_LINES : 0;
  return { ...SAMPLE, ...given, lines, variant, endedAtMs: SAMPLE.estimatedRepairAtMs };
}
