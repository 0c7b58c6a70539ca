import { describe, expect, it } from 'vitest';
import { TrackRecord } from '../../src/correlate/track-record.js';

const WANTED = { falseIncidentsPer1000CellsPerMonth: 1 };
const MONTH = 2_629_800_000;

/** A record after so many months of 1,000 cells. */
function watched(months: number): TrackRecord {
  const record = new TrackRecord(WANTED);
  record.elapse(1000, 0);
  record.elapse(1000, months * MONTH);
  return record;
}

describe('the threshold', () => {
  it('stays where it is while nothing is marked, however long', () => {
    expect(watched(0.1).extraNats()).toBe(0);
    expect(watched(24).extraNats()).toBe(0);
  });

  it('rises with what is marked beyond the budget, by the posterior rate over the wanted one', () => {
    const record = watched(1);
    for (let i = 0; i < 9; i++) record.noteMarked(0);
    expect(record.extraNats()).toBeCloseTo(Math.log(10 / 2), 6);
    for (let i = 0; i < 10_000; i++) record.noteMarked(0);
    expect(record.extraNats()).toBe(4);
  });

  it('comes down again as healthy time passes', () => {
    const record = watched(1);
    for (let i = 0; i < 9; i++) record.noteMarked(0);
    const before = record.extraNats();
    record.elapse(1000, 7 * MONTH);
    expect(record.extraNats()).toBeLessThan(before / 2);
  });
});

describe('doubt', () => {
  it('is what the evidence says until incidents of its grade have a record', () => {
    expect(new TrackRecord(WANTED).doubtOf(0.03, 0)).toBeCloseTo(0.03, 12);
  });

  it('follows what became of incidents as sure as it, and not of others', () => {
    const record = new TrackRecord(WANTED);
    const grade = record.gradeOf(0.0005);
    for (let i = 0; i < 100; i++) record.noteOpened(grade);
    expect(record.doubtOf(0.0005, grade)).toBeLessThan(0.0002);
    for (let i = 0; i < 10; i++) record.noteMarked(grade);
    expect(record.doubtOf(0.0005, grade)).toBeCloseTo(10.025 / 150, 6);
    expect(record.doubtOf(0.03, 0)).toBeCloseTo(0.03, 12);
  });
});

it('is the same after it was stored and put back', () => {
  const record = watched(2);
  record.noteOpened(1);
  record.noteMarked(1);
  const other = new TrackRecord(WANTED);
  other.restore(JSON.parse(JSON.stringify(record.stored())));
  for (const each of [record, other]) each.elapse(1200, 3 * MONTH);
  expect(other.stored()).toEqual(record.stored());
  expect(other.extraNats()).toBe(record.extraNats());
});
