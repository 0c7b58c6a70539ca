import { describe, expect, it } from 'vitest';
import { decideUpdate, type SaidSoFar } from '../../src/notify/decide-update.js';
import { incident, MINUTE, policy, T0 } from '../services/customers.js';
import { impactOf } from './dispatch-samples.js';

const at = (minutes: number): string => new Date(T0 + minutes * MINUTE).toISOString();
const told: SaidSoFar = { hasTold: true, untilMs: T0 + 60 * MINUTE, updatedAtMs: null, updates: 0 };
const decide = (estimate: number | null, said: Partial<SaidSoFar> = {}, nowMs = T0) =>
  decideUpdate(
    incident(['S1-1'], { estimatedRepairAt: estimate === null ? null : at(estimate) }),
    impactOf(100),
    { ...told, ...said },
    policy,
    nowMs,
  );

describe('a new estimate', () => {
  it('is told when it has moved far enough, and is numbered', () => {
    expect(decide(120)).toMatchObject({
      status: 'due',
      kind: 'update',
      revision: 1,
      estimateMs: T0 + 120 * MINUTE,
      reason: 'the estimate has moved by 60 minutes',
    });
    expect(decide(120, { updates: 1 })).toMatchObject({ revision: 2 });
  });

  it('is told when none was said before, and when the time that was said has passed', () => {
    expect(decide(120, { untilMs: null })).toMatchObject({ reason: 'a first estimate' });
    const late = decide(null, {}, T0 + 61 * MINUTE);
    expect(late).toMatchObject({ status: 'due', estimateMs: null });
    if (late.status === 'due') expect(late.validUntilMs).toBeGreaterThan(T0 + 61 * MINUTE);
  });

  it.each([
    ['has hardly moved', 75, {}],
    ['cannot be said', null, {}],
    ['nobody waits for', 120, { hasTold: false }],
    ['comes after too many', 120, { updates: policy.kinds.update.maxPerIncident }],
    ['comes too soon after the last', 120, { updatedAtMs: T0 - MINUTE }],
  ])('that %s is not told', (_, estimate, said) => {
    expect(decide(estimate, said).status).toBe('none');
  });

  it('is told of an open incident only, and not while that is silenced', () => {
    const { status } = decideUpdate(
      incident(['S1-1'], { estimatedRepairAt: at(120), silencedUntil: at(30) }),
      impactOf(100),
      told,
      policy,
      T0,
    );
    expect(status).toBe('none');
  });
});
