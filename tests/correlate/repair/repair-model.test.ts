import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PastRepair, RepairSubject } from '../../../src/correlate/repair/past-repair.js';
import {
  estimateRepair,
  fitRepairModel,
  type RepairModel,
} from '../../../src/correlate/repair/repair-model.js';
import { DAY, HOUR, type PastSpec, simulatePast, T0 } from './simulated-past.js';

const LATER = T0 + 400 * DAY;

function fit(past: readonly PastRepair[], asOfMs = LATER): RepairModel {
  const model = fitRepairModel(past, { minEnds: 20, asOfMs });
  if (model === null) throw new Error('no model');
  return model;
}

function learn(spec: PastSpec): RepairModel {
  return fit(simulatePast(spec).past);
}

function subject(kind: string, startedAtMs = LATER): RepairSubject {
  return { startedAtMs, knownAtMs: startedAtMs, offsetMs: 0, traits: { kind } };
}

function medianHours(model: RepairModel, kind: string, band = 0.8): number {
  return (estimateRepair(model, subject(kind), LATER, band).medianMs - LATER) / HOUR;
}

const TWO_KINDS: PastSpec = { seed: 11, count: 1500, medianHours: { site: 2, transport: 6 } };

describe('the time to repair learnt from the past', () => {
  it('finds the median of each kind', () => {
    const model = learn(TWO_KINDS);
    expect(medianHours(model, 'site')).toBeGreaterThan(1.8);
    expect(medianHours(model, 'site')).toBeLessThan(2.2);
    expect(medianHours(model, 'transport')).toBeGreaterThan(5.3);
    expect(medianHours(model, 'transport')).toBeLessThan(6.7);
  });

  it('finds the true median when half of the past is censored, and would not without it', () => {
    const spec: PastSpec = {
      seed: 12,
      count: 3000,
      medianHours: { site: 4 },
      watchedMs: (random) => random.next() * 9 * HOUR,
    };
    const { past } = simulatePast(spec);
    const ended = past.filter(({ endedByMs }) => endedByMs !== null);
    expect(ended.length / past.length).toBeGreaterThan(0.4);
    expect(ended.length / past.length).toBeLessThan(0.6);
    expect(Math.abs(medianHours(fit(past), 'site') - 4)).toBeLessThan(0.4);
    expect(medianHours(fit(ended), 'site')).toBeLessThan(3);
  });

  it('finds the true median when ends are seen only in snapshots three hours apart', () => {
    const model = learn({
      seed: 13,
      count: 3000,
      medianHours: { site: 4 },
      snapshotMs: 3 * HOUR,
    });
    expect(Math.abs(medianHours(model, 'site') - 4)).toBeLessThan(0.5);
  });

  it('is not misled by short ones that were over before anyone could know of them', () => {
    const { past, trueMs } = simulatePast({ seed: 14, count: 4000, medianHours: { site: 2 } });
    const known = past.flatMap((each, i) =>
      (trueMs[i] ?? 0) > 1.2 * HOUR ? [{ ...each, knownAtMs: each.startedAtMs + HOUR }] : [],
    );
    const late = { ...subject('site'), knownAtMs: LATER + HOUR };
    const { medianMs } = estimateRepair(fit(known), late, LATER + HOUR, 0.8);
    const beyond = trueMs.filter((each) => each > 1.2 * HOUR).sort((a, b) => a - b);
    const truth = (beyond[beyond.length >> 1] ?? 0) / HOUR;
    expect(Math.abs((medianMs - LATER) / HOUR - truth)).toBeLessThan(0.3);
  });

  it('draws a kind with few incidents towards all of them', () => {
    const { past } = simulatePast({ seed: 15, count: 600, medianHours: { site: 2 } });
    const odd = past.slice(0, 2).map((each) => ({
      ...each,
      traits: { kind: 'core' },
      endedAfterMs: each.startedAtMs + 20 * HOUR,
      endedByMs: each.startedAtMs + 21 * HOUR,
    }));
    const model = fit([...past, ...odd]);
    expect(medianHours(model, 'core')).toBeLessThan(8);
    expect(medianHours(model, 'never seen')).toBeCloseTo(medianHours(model, 'site'), 0);
  });

  it('claims nothing with fewer ends than are asked for, however many are open', () => {
    const { past } = simulatePast({ seed: 16, count: 200, medianHours: { site: 2 } });
    const open = past.map((each, i) => (i < 19 ? each : { ...each, endedByMs: null }));
    expect(fitRepairModel(open, { minEnds: 20, asOfMs: LATER })).toBeNull();
    expect(fitRepairModel(open, { minEnds: 19, asOfMs: LATER })?.basedOn).toBe(19);
  });

  it('knows nothing of what came after the moment it learns at', () => {
    const { past } = simulatePast(TWO_KINDS);
    const asOfMs = T0 + 30 * DAY;
    const early = past.filter(({ startedAtMs }) => startedAtMs < asOfMs);
    expect(fit(past, asOfMs)).toEqual(fit(early, asOfMs));
    const shifted = past.map((each) =>
      (each.endedByMs ?? 0) > asOfMs ? { ...each, endedByMs: (each.endedByMs ?? 0) + DAY } : each,
    );
    expect(fit(shifted, asOfMs)).toEqual(fit(past, asOfMs));
  });

  it('does not depend on the order of the past, and is the same after JSON', () => {
    const { past } = simulatePast({ ...TWO_KINDS, count: 300 });
    const model = fit(past);
    expect(fit([...past].reverse())).toEqual(model);
    const again = JSON.parse(JSON.stringify(model)) as RepairModel;
    expect(estimateRepair(again, subject('site'), LATER, 0.8)).toEqual(
      estimateRepair(model, subject('site'), LATER, 0.8),
    );
  });

  it('tells day from night when crews go home', () => {
    const { past } = simulatePast({
      seed: 17,
      count: 2000,
      everyMs: 3 * HOUR,
      medianHours: { a: 1 },
    });
    const byDay = past.map((each) => {
      const hour = ((each.startedAtMs - T0) % DAY) / HOUR;
      const waitMs = hour < 8 ? (8 - hour) * HOUR : hour >= 18 ? (32 - hour) * HOUR : 0;
      const { endedByMs, endedAfterMs } = each;
      return { ...each, endedAfterMs: endedAfterMs + waitMs, endedByMs: (endedByMs ?? 0) + waitMs };
    });
    const model = fit(byDay);
    const hoursFrom = (hour: number): number => {
      const at = LATER - (LATER % DAY) + hour * HOUR;
      return (estimateRepair(model, subject('a', at), at, 0.8).medianMs - at) / HOUR;
    };
    expect(hoursFrom(10)).toBeLessThan(2.5);
    expect(hoursFrom(20)).toBeGreaterThan(9);
  });

  it.each([0, 3, 8])(
    'has four fifths of unseen incidents that lasted %i h already in its band of 0.8',
    (hours) => {
      const spec: PastSpec = { ...TWO_KINDS, count: 3000, sigma: 1.1, snapshotMs: HOUR / 4 };
      const model = learn(spec);
      const { past, trueMs } = simulatePast({ ...spec, seed: 99, count: 6000 });
      const asked = past.flatMap((each, i) => {
        const endMs = each.startedAtMs + (trueMs[i] ?? 0);
        const nowMs = each.startedAtMs + hours * HOUR;
        if (endMs < nowMs) return [];
        const told = estimateRepair(model, each, nowMs, 0.8);
        return [told.lowMs <= endMs && endMs <= told.highMs];
      });
      const held = asked.filter(Boolean).length / asked.length;
      expect(Math.abs(held - 0.8)).toBeLessThan(0.04);
    },
  );
});

describe('an estimate brought up to date', () => {
  const models = [
    learn({ ...TWO_KINDS, count: 60 }),
    learn({ ...TWO_KINDS, count: 400, sigma: 2, snapshotMs: HOUR }),
  ];
  const age = fc.integer({ min: 0, max: 60 * DAY });
  const asked = fc.record({
    model: fc.constantFrom(...models),
    kind: fc.constantFrom('site', 'transport', 'other'),
    startedAtMs: fc.integer({ min: T0, max: LATER }),
    band: fc.constantFrom(0.5, 0.8, 0.95),
  });

  it('is in order and never before now', () => {
    fc.assert(
      fc.property(asked, age, ({ model, kind, startedAtMs, band }, lastedMs) => {
        const nowMs = startedAtMs + lastedMs;
        const told = estimateRepair(model, subject(kind, startedAtMs), nowMs, band);
        expect(told.lowMs).toBeGreaterThanOrEqual(nowMs);
        expect(told.medianMs).toBeGreaterThanOrEqual(told.lowMs);
        expect(told.highMs).toBeGreaterThanOrEqual(told.medianMs);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('never names an earlier end because more time has passed', () => {
    fc.assert(
      fc.property(asked, age, age, ({ model, kind, startedAtMs, band }, one, other) => {
        const at = (lastedMs: number) =>
          estimateRepair(model, subject(kind, startedAtMs), startedAtMs + lastedMs, band);
        const earlier = at(Math.min(one, other));
        const later = at(Math.max(one, other));
        expect(later.lowMs).toBeGreaterThanOrEqual(earlier.lowMs - 1);
        expect(later.medianMs).toBeGreaterThanOrEqual(earlier.medianMs - 1);
        expect(later.highMs).toBeGreaterThanOrEqual(earlier.highMs - 1);
      }),
      { seed: 2, numRuns: 300 },
    );
  });
});
