import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admit, type Situation } from '../../src/notify/admission.js';
import type { NotificationPolicy } from '../../src/notify/policy.js';
import { policy } from '../services/customers.js';

const person: Situation = {
  kind: 'person',
  segment: 'consumer',
  language: 'fr',
  vulnerable: false,
  service: 'none',
  isReachable: true,
};
const plain = { usesLocation: false, segmentsOf: () => 1 };
const decide = (change: Partial<Situation>, rules = policy, context = plain) =>
  admit({ ...person, ...change }, 'onset', rules, context);
const priority = (change: Partial<Situation>, segments = 1): number => {
  const found = decide(change, policy, { ...plain, segmentsOf: () => segments });
  return found.status === 'admitted' ? found.priority : -1;
};
const withRules = (rules: NotificationPolicy['people']['rules']): NotificationPolicy => ({
  ...policy,
  people: { ...policy.people, rules },
});

describe('who is admitted', () => {
  it('is decided by the first rule that fits, else by the common threshold', () => {
    const rules = withRules([
      { segments: ['business'], services: ['none'], minProbability: 0.3 },
      { services: ['degraded'], vulnerable: false, minProbability: null },
    ]);
    expect(decide({ segment: 'business' }, rules)).toMatchObject({ minProbability: 0.3 });
    expect(decide({}, rules)).toMatchObject({ minProbability: policy.people.minProbability });
    expect(decide({ service: 'degraded' }, rules)).toEqual({
      status: 'refused',
      reason: 'ruleExcluded',
    });
    expect(decide({ service: 'degraded', vulnerable: true }, rules).status).toBe('admitted');
  });

  it('leaves out kinds that are never written to', () => {
    for (const kind of policy.people.excludeKinds) {
      expect(decide({ kind })).toEqual({ status: 'refused', reason: 'kindExcluded' });
    }
  });

  it('minds what allows the text and the use of location, by segment', () => {
    const { kinds } = policy;
    const onset = {
      ...kinds.onset,
      legalBasis: { default: 'contract', segments: { wholesale: null } },
      locationBasis: { default: null, segments: { business: 'consent' } },
    };
    const rules = { ...policy, kinds: { ...kinds, onset } };
    const located = { ...plain, usesLocation: true };
    expect(decide({ segment: 'wholesale' }, rules)).toMatchObject({ reason: 'noLegalBasis' });
    expect(decide({}, rules).status).toBe('admitted');
    expect(decide({}, rules, located)).toMatchObject({ reason: 'noLocationBasis' });
    expect(decide({ segment: 'business' }, rules, located).status).toBe('admitted');
  });
});

describe('order', () => {
  it('is by calls prevented per segment', () => {
    expect(priority({ segment: 'business' })).toBeGreaterThan(priority({}));
    expect(priority({})).toBeGreaterThan(priority({ service: 'degraded' }));
    expect(priority({})).toBeGreaterThan(priority({ isReachable: false }));
    expect(priority({})).toBeGreaterThan(priority({}, 2));
  });

  it('puts the vulnerable before all others, whatever they are worth', () => {
    const situation = fc.record({
      segment: fc.constantFrom('consumer', 'business'),
      service: fc.constantFrom('none' as const, 'degraded' as const),
      isReachable: fc.boolean(),
    });
    fc.assert(
      fc.property(situation, situation, (one, other) => {
        expect(priority({ ...one, vulnerable: true })).toBeGreaterThan(priority(other));
      }),
      { numRuns: 200, seed: 3 },
    );
  });
});
