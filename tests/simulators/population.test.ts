import parsePhoneNumber from 'libphonenumber-js/min';
import { describe, expect, it } from 'vitest';
import { canUse } from '../../simulators/population/devices.js';
import { MAX_SUBSCRIBERS, msisdnOf, subscriberOf } from '../../simulators/population/identities.js';
import { KINDS } from '../../simulators/population/population.js';
import {
  presenceOf,
  subscriberRecords,
  usualCellsOf,
} from '../../simulators/population/records.js';
import { ServiceTruth } from '../../simulators/population/service.js';
import { createWorld } from '../../simulators/world.js';
import { complaints } from '../../src/adapters/rules/complaints.js';
import { Presence } from '../../src/domain/facts.js';

const world = createWorld({ seed: 3, sites: 60, subscribers: 20_000 });
const { people, movement, network } = world;

function shareAt(place: Int32Array, ms: number): number {
  let there = 0;
  let asked = 0;
  for (let i = 0; i < people.size; i++) {
    if (people.kind[i] !== 0 || (people.work[i] ?? -1) < 0) continue;
    asked++;
    if (movement.placeAt(i, ms) === place[i]) there++;
  }
  return there / asked;
}

describe('simulated subscribers', () => {
  it('are the same for the same seed', () => {
    const again = createWorld({ seed: 3, sites: 60, subscribers: 20_000 }).people;
    const other = createWorld({ seed: 4, sites: 60, subscribers: 20_000 }).people;
    const bytes = ({ buffer }: { buffer: ArrayBufferLike }): Buffer => Buffer.from(buffer);
    for (const column of ['kind', 'segment', 'account', 'home', 'work', 'isOptedOut'] as const) {
      expect(bytes(again[column]).equals(bytes(people[column]))).toBe(true);
    }
    expect(bytes(other.home).equals(bytes(people.home))).toBe(false);
  });

  it('have valid, distinct French numbers, the first ones kept for fiction', () => {
    const numbers = [...subscriberRecords(world)].map(({ msisdn }) => String(msisdn));
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const number of numbers.filter((_, i) => i % 371 === 0)) {
      const parsed = parsePhoneNumber(number);
      expect(parsed?.isValid()).toBe(true);
      expect(parsed?.country ?? 'FR').toBe('FR');
    }
    expect(numbers.slice(0, 10_000).every((number) => number.startsWith('+3363998'))).toBe(true);
    expect(subscriberOf(msisdnOf(12_345))).toBe(12_345);
    expect(subscriberOf('+33612345678')).toBe(-1);
    expect(() => createWorld({ seed: 1, subscribers: MAX_SUBSCRIBERS + 1 })).toThrow(/allowed/);
  });

  it('are mostly persons, with machines, fleets and a few emergency lines', () => {
    const counts = KINDS.map((_, kind) => people.kind.filter((each) => each === kind).length);
    const [persons = 0, , machines = 0, , emergency = 0] = counts;
    expect(persons / people.size).toBeGreaterThan(0.85);
    expect(machines / people.size).toBeCloseTo(0.06, 2);
    expect(emergency).toBe(2);
  });

  it('sleep at home and work elsewhere', () => {
    const night = Date.UTC(2026, 4, 6, 1);
    const day = Date.UTC(2026, 4, 6, 9);
    expect(shareAt(people.homePlace, night)).toBeGreaterThan(0.8);
    expect(shareAt(people.workPlace, day)).toBeGreaterThan(0.35);
    expect(shareAt(people.homePlace, day)).toBeLessThan(0.4);
    expect(shareAt(people.homePlace, Date.UTC(2026, 4, 10, 9))).toBeGreaterThan(0.6);
  });

  it('have devices of which a few cannot use every layer, and do not use what they cannot', () => {
    const limited = [...people.device.keys()].filter((i) => (people.device[i] ?? 0) !== 7);
    expect(limited.length / people.size).toBeGreaterThan(0.1);
    expect(limited.length / people.size).toBeLessThan(0.3);
    const wrong = limited.filter((i) => {
      const { cells } = movement.receptionAt(i, Date.UTC(2026, 4, 6, 9));
      const layers = cells.map((cell) => network.cells[cell]?.layer ?? 'L800');
      return layers.length > 1 && !layers.every((layer) => canUse(people.device[i] ?? 0, layer));
    });
    expect(wrong).toEqual([]);
  });

  it('have usual cells whose shares sum to at most one', () => {
    const wrong: number[] = [];
    for (let i = 0; i < people.size; i += 7) {
      const usual = usualCellsOf(world, i);
      const isRepeated = new Set(usual.map(({ cell }) => cell)).size < usual.length;
      const total = usual.reduce((sum, { weight }) => sum + weight, 0);
      if (isRepeated || total > 1.001) wrong.push(i);
    }
    expect(wrong).toEqual([]);
  });

  it('are seen where they are, more when they move, and never at a cell that is out', () => {
    const commute = Date.UTC(2026, 4, 6, 6, 30);
    const service = new ServiceTruth(world, () => []);
    const seen = [...presenceOf(world, service, commute, 0.5)];
    const asleep = [...presenceOf(world, service, Date.UTC(2026, 4, 6, 1, 15), 0.5)];
    expect(seen.length).toBeGreaterThan(1.3 * asleep.length);
    expect(complaints(Presence, seen[0])).toEqual([]);
    const cells = network.sites.slice(0, 20).flatMap((site) => site.cells);
    const effect = { fromMs: commute - 1, toMs: commute + 1, cells, isOut: true };
    const out = new ServiceTruth(world, () => [effect]);
    const dead = new Set(cells.map((cell) => network.cells[cell]?.cellId));
    const ghosts = [...presenceOf(world, out, commute, 0.5)].filter(({ cell }) => dead.has(cell));
    expect(ghosts).toEqual([]);
  });
});
