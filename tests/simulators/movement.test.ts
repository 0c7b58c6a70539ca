import { describe, expect, it } from 'vitest';
import { sightingsOf } from '../../simulators/population/records.js';
import { ServiceTruth } from '../../simulators/population/service.js';
import { distanceKm } from '../../simulators/world/geometry.js';
import { createWorld } from '../../simulators/world.js';

/** Bounds are those of surveys of time use and of studies of phone records; see each test. */
const world = createWorld({ seed: 9, sites: 80, subscribers: 4_000 });
const { people, movement, network } = world;
const QUARTER = 900_000;
/** Wednesday 6 May 2026, 00:00 in Paris. */
const MIDNIGHT = Date.UTC(2026, 4, 5, 22);
const persons = Array.from({ length: people.size }, (_, i) => i).filter(
  (i) => people.kind[i] === 0,
);

function siteAt(person: number, ms: number): number {
  return network.cells[movement.cellAt(person, ms)]?.site ?? -1;
}

function dayOf(person: number): number[] {
  return Array.from({ length: 96 }, (_, quarter) => siteAt(person, MIDNIGHT + quarter * QUARTER));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

describe('movement of the simulated', () => {
  const sample = persons.filter((_, n) => n % 8 === 0);
  const days = sample.map(dayOf);

  it('takes them to few places a day: most are at two to five', () => {
    const places = days.map((day) => new Set(day).size);
    expect(median(places)).toBeGreaterThanOrEqual(2);
    expect(median(places)).toBeLessThanOrEqual(5);
    expect(Math.max(...places)).toBeLessThan(12);
  });

  it('leaves them most of their time at one place, as phone records show (half to nine tenths)', () => {
    const shares = days.map((day) => {
      const counts = new Map<number, number>();
      for (const site of day) counts.set(site, (counts.get(site) ?? 0) + 1);
      return Math.max(...counts.values()) / day.length;
    });
    expect(median(shares)).toBeGreaterThan(0.5);
    expect(median(shares)).toBeLessThan(0.95);
  });

  it('makes them move by day and stay by night', () => {
    const moves = (from: number, to: number): number =>
      days.reduce((sum, day) => {
        let changes = 0;
        for (let q = from + 1; q < to; q++) if (day[q] !== day[q - 1]) changes++;
        return sum + changes / (to - from);
      }, 0) / days.length;
    expect(moves(28, 76)).toBeGreaterThan(2 * moves(4, 24));
    expect(moves(28, 76) * 4).toBeLessThan(1);
  });

  it('takes those who work some kilometres away, few of them far', () => {
    const km = persons
      .filter((i) => (people.work[i] ?? -1) >= 0)
      .map((i) => {
        const home = network.sites[network.cells[people.home[i] ?? 0]?.site ?? 0];
        const work = network.sites[network.cells[people.work[i] ?? 0]?.site ?? 0];
        return home && work ? distanceKm(home, work) : Number.NaN;
      });
    expect(median(km)).toBeGreaterThan(1);
    expect(median(km)).toBeLessThan(25);
    expect(km.filter((each) => each > 60).length / km.length).toBeLessThan(0.1);
  });

  it('has addresses that are mostly right, some out of date, some missing', () => {
    const { places } = movement;
    const shareOf = (is: (i: number, home: number) => boolean): number =>
      persons.filter((i) => is(i, people.homePlace[i] ?? 0)).length / persons.length;
    const right = shareOf((i, home) => {
      const covering = places.radio.coveringSite(places.pointOf(home), places.siteOf(home));
      return people.declared[i] === covering;
    });
    const served = shareOf((i) => people.declared[i] === network.cells[people.home[i] ?? 0]?.site);
    expect(served).toBeGreaterThan(0.6);
    expect(served).toBeLessThan(right);
    const missing = persons.filter((i) => people.declared[i] === -1).length / persons.length;
    expect(right).toBeGreaterThan(0.88);
    expect(right).toBeLessThan(0.97);
    expect(missing).toBeGreaterThan(0.02);
  });
});

describe('sightings of the simulated', () => {
  const service = new ServiceTruth(world, () => []);
  const counts = new Map<number, number>();
  const hidden = new Set<number>();
  for (let q = 0; q < 96; q++) {
    const startMs = MIDNIGHT + q * QUARTER;
    const seen = new Set<number>();
    for (const { subscriber, cell } of sightingsOf(world, service, startMs, 1)) {
      expect(cell).toBe(movement.cellAt(subscriber, startMs));
      counts.set(subscriber, (counts.get(subscriber) ?? 0) + 1);
      seen.add(subscriber);
    }
    for (const i of persons) {
      const isMoved = movement.cellAt(i, startMs) !== movement.cellAt(i, startMs - QUARTER);
      if (isMoved && !seen.has(i)) hidden.add(i);
    }
  }

  it('differ from person to person: hardly used phones and busy ones', () => {
    const each = persons.map((i) => counts.get(i) ?? 0).sort((a, b) => a - b);
    const at = (share: number): number => each[Math.floor(share * each.length)] ?? 0;
    expect(at(0.05)).toBeGreaterThanOrEqual(7);
    expect(at(0.05)).toBeLessThan(14);
    expect(at(0.95)).toBeGreaterThan(2 * at(0.05));
  });

  it('miss many moves: who changes cell in silence is not seen', () => {
    expect(hidden.size / persons.length).toBeGreaterThan(0.5);
  });
});
