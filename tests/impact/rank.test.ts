import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Incident } from '../../src/domain/incident.js';
import { type ImpactCounts, summarise } from '../../src/impact/rank.js';
import { incident, MINUTE, resolved, impactRules as rules, T0 } from '../services/customers.js';
import { consumers, SOME } from './counts.js';

const at = (minutes: number): string => new Date(T0 + minutes * MINUTE).toISOString();
const rank = (counts: ImpactCounts, doc: Incident = incident(['S1-1']), nowMs = T0) =>
  summarise(counts, { incident: doc, nowMs, rules });

describe('rank', () => {
  it('is the sum of its parts, in weighted user-minutes', () => {
    const { rankParts, rankScore, ...counts } = rank(SOME);
    const value = (9 * 0.03 + 9 * 0.4) * 2;
    const churn = (100 + 9 * 120) * (0.0005 / 60) + (300 + 9 * 120) * (0.0002 / 60);
    expect(rankParts).toEqual({
      soFar: 100,
      toCome: (9 + 9 * 3) * 120,
      vulnerable: 480,
      money: expect.closeTo(10 * value, 6),
      churn: expect.closeTo(3600 * churn, 6),
      emergencyCalling: 0,
      emergencyServices: 0,
    });
    const sum = Object.values(rankParts).reduce((total, part) => total + part, 0);
    expect(rankScore).toBeCloseTo(sum, 9);
    expect(counts).toMatchObject({ subscribers: 30, machines: 4, expected: 27, userMinutes: 400 });
  });

  it('counts minutes until the repair, none after the end, and the horizon once the repair is late', () => {
    const foretold = incident([], { estimatedRepairAt: at(10) });
    expect(rank(SOME, foretold).rankParts.toCome).toBe(360);
    expect(rank(SOME, resolved(incident([]))).rankParts.toCome).toBe(0);
    expect(rank(SOME, foretold, T0 + 11 * MINUTE).rankParts.toCome).toBe(36 * 120);
  });

  it('never falls with more people or more minutes', () => {
    const people = fc.integer({ min: 1, max: 10_000_000 });
    const minutes = fc.integer({ min: 0, max: 10_000 });
    const more = fc.integer({ min: 1, max: 100_000 });
    fc.assert(
      fc.property(people, minutes, more, (n, m, k) => {
        const score = rank(consumers(n, m)).rankScore;
        expect(rank(consumers(n + k, m)).rankScore).toBeGreaterThan(score);
        expect(rank(consumers(n, m + k)).rankScore).toBeGreaterThan(score);
        const later = incident([], { estimatedRepairAt: at(121 + k) });
        expect(rank(consumers(n, m), later).rankScore).toBeGreaterThan(score);
      }),
      { seed: 4 },
    );
  });

  it.each([
    ['one person who can call nobody', { withoutVoice: 1 }],
    ['one emergency service', { emergencyServices: 1 }],
  ])('puts %s before ten million people for a week', (_, lost) => {
    const nation = { ...consumers(10_000_000, 5000), lossBySegment: { business: 10_000_000 } };
    const week = incident([], { estimatedRepairAt: at(7 * 1440) });
    expect(rank({ ...consumers(1, 0), ...lost }).rankScore).toBeGreaterThan(
      rank(nation, week).rankScore,
    );
  });

  it('does not take a doubtful single person for lost emergency calling', () => {
    expect(rank({ ...SOME, withoutVoice: 0.4 }).rankParts.emergencyCalling).toBe(0);
  });

  it('remembers lost emergency calling when the incident is over, unless it was an estimate', () => {
    const before = rank({ ...SOME, withoutVoice: 12 });
    const frame = { incident: resolved(incident([])), nowMs: T0 + 40 * MINUTE, rules };
    const after = summarise(SOME, { ...frame, before });
    expect(after.rankParts.emergencyCalling).toBe(rules.rank.emergencyCalling);
    expect(after.cost?.emergency).toMatchObject({ people: 0, mostPeople: 12, isLost: true });
    const doubtful = { ...before, isEstimate: true };
    expect(summarise(SOME, { ...frame, before: doubtful }).rankParts.emergencyCalling).toBe(0);
  });
});
