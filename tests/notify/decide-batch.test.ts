import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Candidate, decideBatch } from '../../src/notify/decide-batch.js';
import { decideAtDispatch } from '../../src/notify/decide-dispatch.js';
import { policy, T0, texts } from '../services/customers.js';
import { onset } from './dispatch-samples.js';

const clear = { isKilled: false, isShadow: false };
const priced = {
  ...policy,
  budget: { currency: 'EUR', perSegment: 1, perIncident: 6, perMonth: 10 },
};

const candidate = fc
  .record({
    number: fc.integer({ min: 1, max: 5 }),
    lineage: fc.integer({ min: 1, max: 4 }),
    kind: fc.constantFrom('onset' as const, 'overrun' as const),
    isOptedOut: fc.boolean(),
    isErased: fc.boolean(),
    isControl: fc.boolean(),
  })
  .map(
    ({ number, lineage, ...facts }): Candidate => ({
      facts: { ...onset, ...facts },
      phoneKey: String(number),
      rootLineage: `lin_${lineage}`,
      revision: 1,
    }),
  );

describe('a batch', () => {
  it('holds to one text of a kind per number and lineage, to caps and to budgets', () => {
    fc.assert(
      fc.property(
        fc.array(candidate, { maxLength: 60 }),
        fc.integer({ min: 1, max: 40 }),
        (rows, max) => {
          const verdicts = decideBatch(rows, max, (facts) =>
            decideAtDispatch(facts, clear, priced, texts, T0),
          );
          const sent = verdicts.flatMap(({ row, decision }) =>
            decision.action === 'send' ? [{ ...row, segments: decision.sms.size.segments }] : [],
          );
          const count = (
            key: (row: (typeof sent)[number]) => string,
            by = (_: (typeof sent)[number]) => 1,
          ) => {
            const counts = new Map<string, number>();
            for (const row of sent) counts.set(key(row), (counts.get(key(row)) ?? 0) + by(row));
            return [...counts.values()];
          };
          const one = ({ phoneKey, rootLineage, facts }: Candidate) =>
            `${phoneKey} ${rootLineage} ${facts.kind}`;
          expect(count(one).every((n) => n === 1)).toBe(true);
          expect(count(({ phoneKey }) => phoneKey).every((n) => n <= policy.people.maxPerDay)).toBe(
            true,
          );
          const spent = (row: (typeof sent)[number]): number => row.segments;
          expect(count(({ rootLineage }) => rootLineage, spent).every((n) => n <= 6)).toBe(true);
          const total = sent.reduce((sum, row) => sum + row.segments, 0);
          expect(total).toBeLessThanOrEqual(10);
          expect(total).toBeLessThan(max + policy.texts.maxSegments);
          for (const { facts } of sent) {
            expect([facts.isOptedOut, facts.isErased, facts.isControl]).toEqual([
              false,
              false,
              false,
            ]);
          }
        },
      ),
      { numRuns: 500, seed: 5 },
    );
  });

  it('leaves what no segment is left for as it is, and goes on with what is not sent', () => {
    const row = (number: number, isOptedOut = false): Candidate => ({
      facts: { ...onset, isOptedOut },
      phoneKey: String(number),
      rootLineage: 'lin_1',
      revision: 1,
    });
    const verdicts = decideBatch([row(1), row(2), row(3, true)], 1, (facts) =>
      decideAtDispatch(facts, clear, policy, texts, T0),
    );
    expect(verdicts.map(({ row: { phoneKey }, decision }) => [phoneKey, decision.action])).toEqual([
      ['1', 'send'],
      ['3', 'suppress'],
    ]);
  });
});
