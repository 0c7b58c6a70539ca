import { describe, expect, it } from 'vitest';
import { detectActOf } from '../../src/domain/detect-act.js';
import type { OperatorAct } from '../../src/domain/facts.js';

const base = { actId: 'act_1', at: '2026-03-10T12:00:00Z', actor: 'ann', why: 'test' };
const of = (act: Pick<OperatorAct, 'action'> & Partial<OperatorAct>) =>
  detectActOf({ ...base, ...act });

describe('an act on models', () => {
  it('is what its operator meant', () => {
    expect(of({ action: 'acceptLevel', resource: { id: 'c1' } })).toEqual({
      action: 'acceptLevel',
      objectId: 'c1',
    });
    expect(of({ action: 'revertModel', feed: 'pm' })).toEqual({
      action: 'revertModel',
      feed: 'pm',
    });
    expect(of({ action: 'correctRate', value: '0.5' })).toEqual({
      action: 'correctRate',
      factor: 0.5,
    });
  });

  it.each([
    { action: 'acceptLevel' },
    { action: 'correctRate', value: '1000' },
    { action: 'correctRate' },
    { action: 'merge' },
  ] as const)('is none: %j', (act) => {
    expect(of(act)).toBeUndefined();
  });
});
