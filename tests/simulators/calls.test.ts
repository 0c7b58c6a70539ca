import { describe, expect, it } from 'vitest';
import { CallCentre } from '../../simulators/calls/call-centre.js';
import { ordinaryCalls, ordinaryMean, QUEUES } from '../../simulators/calls/ordinary.js';
import { buildFault } from '../../simulators/faults/build-fault.js';
import { ServiceTruth } from '../../simulators/population/service.js';
import { PERIOD_MS } from '../../simulators/telemetry/calendar.js';
import { createWorld } from '../../simulators/world.js';
import { complaints } from '../../src/adapters/rules/complaints.js';
import { CallInterval } from '../../src/domain/facts.js';

const TUESDAY = Date.UTC(2026, 4, 5, 8);
const HOUR = 3_600_000;
const world = createWorld({ seed: 4, sites: 60, subscribers: 20_000 });
const fault = buildFault(world.network, 4, 'C', {
  kind: 'aggregationFailure',
  where: 'REN',
  fromMs: TUESDAY,
  durationMs: 2 * HOUR,
});

function run(options: { broken?: boolean; told?: boolean; smsEffect?: number }) {
  const effects = options.broken === true ? fault.effects : [];
  const service = new ServiceTruth(world, () => effects);
  const centre = new CallCentre(world, service, {
    seed: 4,
    behaviour: { smsEffect: options.smsEffect ?? 0.35, wordOfMouth: 0 },
  });
  let offered = 0;
  for (let at = -1; at < 12; at++) {
    if (at === 0 && options.told === true) {
      for (let i = 0; i < world.people.size; i++) centre.told(i, TUESDAY);
    }
    for (const row of centre.interval(TUESDAY + at * PERIOD_MS)) offered += row.offered;
  }
  return { offered, truth: centre.truth };
}

describe('simulated call centre', () => {
  it('gets more calls when people lose service, and knows how many', () => {
    const calm = run({});
    const broken = run({ broken: true });
    expect(calm.truth.incidentCalls).toBe(0);
    expect(broken.truth.affected).toBeGreaterThan(500);
    expect(broken.truth.incidentCalls).toBeGreaterThan(20);
    expect(broken.offered).toBeGreaterThanOrEqual(calm.offered + broken.truth.incidentCalls);
  });

  it('gets fewer calls from people who were told, by the effect it was given', () => {
    const untold = run({ broken: true });
    const told = run({ broken: true, told: true, smsEffect: 0.5 });
    expect(told.truth.affected).toBe(untold.truth.affected);
    expect(told.truth.incidentCalls + told.truth.preventedBySms).toBe(untold.truth.incidentCalls);
    const share = told.truth.preventedBySms / untold.truth.incidentCalls;
    expect(share).toBeGreaterThan(0.35);
    expect(share).toBeLessThan(0.65);
    expect(run({ broken: true, told: true, smsEffect: 0 }).truth.preventedBySms).toBe(0);
  });

  it('repeats itself exactly and writes what the feed takes', () => {
    expect(run({ broken: true })).toEqual(run({ broken: true }));
    const service = new ServiceTruth(world, () => []);
    for (const row of new CallCentre(world, service, { seed: 4 }).interval(TUESDAY)) {
      expect(complaints(CallInterval, row)).toEqual([]);
      expect((row.answered ?? 0) + (row.abandoned ?? 0)).toBe(row.offered);
    }
  });

  it('leaves out intervals in which a queue is closed', () => {
    const service = new ServiceTruth(world, () => []);
    const centre = new CallCentre(world, service, { seed: 4 });
    const night = centre.interval(Date.UTC(2026, 4, 5, 1));
    expect(night.map(({ queue }) => queue)).toEqual(['technical']);
    const bastille = centre.interval(Date.UTC(2026, 6, 14, 9));
    expect(bastille.map(({ queue }) => queue)).toEqual(['technical']);
  });

  it('is busiest on Mondays and more variable than Poisson', () => {
    const [queue] = QUEUES;
    if (queue === undefined) throw new Error('no queue');
    const zone = 'Europe/Paris';
    const mean = (day: number): number =>
      ordinaryMean(1, queue, 1e6, Date.UTC(2026, 4, day, 8), zone);
    expect(mean(4)).toBeGreaterThan(mean(6));
    expect(mean(6)).toBeGreaterThan(1.5 * mean(10));
    const scaled = Array.from({ length: 400 }, (_, at) => {
      const startMs = TUESDAY + at * 7 * 24 * HOUR;
      const expected = ordinaryMean(1, queue, 1e6, startMs, zone);
      return (ordinaryCalls(1, queue, 1e6, startMs, zone) - expected) / Math.sqrt(expected);
    });
    const variance = scaled.reduce((sum, x) => sum + x * x, 0) / scaled.length;
    expect(variance).toBeGreaterThan(1.5);
  });
});
