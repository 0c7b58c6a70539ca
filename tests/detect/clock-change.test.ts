import { describe, expect, it } from 'vitest';
import { Calendar } from '../../src/detect/calendar.js';
import { createDetect } from '../../src/detect/detect.js';
import type { LanePeriod } from '../../src/domain/lane.js';
import { anomalies, blockOf, DAY_MS, HOUR_MS, laneOf, rulesWith } from './world.js';

/** Clocks go back at 01:00 UTC: 02:00 to 03:00 comes twice. */
const CHANGE_MS = Date.UTC(2026, 9, 25, 1);
const FROM_MS = CHANGE_MS - 20 * DAY_MS;
const BERLIN = { zone: 'Europe/Berlin', hasClockTimes: true } as const;
const KPI = { load: { kind: 'gauge', unit: '', bad: 'low' } } as const;

/** Feeds hourly reports of one cell through detection. @param startOf where a report says it began */
function run(
  lane: ReturnType<typeof laneOf>,
  startOf: (startMs: number) => number | undefined,
  loadAt: (startMs: number) => number = () => 1,
) {
  const shown = new Map<number, number>();
  const detect = createDetect([lane], rulesWith(), ({ periodStartMs, values }: LanePeriod) => {
    shown.set(periodStartMs, values[0] ?? Number.NaN);
  });
  const events = [];
  for (let ms = FROM_MS; ms < CHANGE_MS + DAY_MS; ms += HOUR_MS) {
    const startMs = startOf(ms);
    const report = { load: loadAt(ms) };
    if (startMs !== undefined) detect.ingest(blockOf(lane, [{ id: 'c', startMs, report }]));
    events.push(...detect.advance(ms + HOUR_MS + lane.latenessSeconds * 1000));
  }
  return { silences: anomalies(events, 'raised'), shown };
}

const byClock = (ms: number): number => (ms === CHANGE_MS ? ms - HOUR_MS : ms);

describe('the hour that clocks repeat', () => {
  it('is known by the zone, once a year, for as long as clocks go back', () => {
    const berlin = new Calendar('Europe/Berlin', [6, 7], []);
    const second = (ms: number) => berlin.season(ms, HOUR_MS).isSecondRun;
    expect([-1, 0, 1].map((hour) => second(CHANGE_MS + hour * HOUR_MS))).toEqual([
      false,
      true,
      false,
    ]);
    expect(berlin.untilClockSaysSo(CHANGE_MS - HOUR_MS / 2)).toBe(HOUR_MS);
    expect(berlin.untilClockSaysSo(CHANGE_MS + HOUR_MS / 2)).toBe(0);
    expect(berlin.untilClockSaysSo(CHANGE_MS - 1.5 * HOUR_MS)).toBe(0);
    const spring = Date.UTC(2026, 2, 29, 1);
    expect([-2, -1, 0, 1].some((hour) => second(spring + hour * HOUR_MS))).toBe(false);
    const lordHowe = new Calendar('Australia/Lord_Howe', [6, 7], []);
    expect(lordHowe.untilClockSaysSo(Date.UTC(2026, 3, 4, 14, 45))).toBe(HOUR_MS / 2);
  });

  it('is not missed where reports go by the clock and there is but one of it', () => {
    const { silences } = run(laneOf(KPI, BERLIN), (ms) => (ms === CHANGE_MS ? undefined : ms));
    expect(silences).toEqual([]);
  });

  it('is missed where reports can say which one they mean', () => {
    const lane = laneOf(KPI, { zone: 'Europe/Berlin' });
    const { silences } = run(lane, (ms) => (ms === CHANGE_MS ? undefined : ms));
    expect(silences.map(({ startedAtMs }) => startedAtMs)).toEqual([CHANGE_MS]);
  });

  it('takes a second report of the same clock time, in live data too late for the first', () => {
    const { shown } = run(laneOf(KPI, BERLIN), byClock, (ms) => (ms === CHANGE_MS ? 3 : 2));
    expect(shown.get(CHANGE_MS - HOUR_MS)).toBe(2);
    expect(shown.get(CHANGE_MS)).toBe(3);
  });

  it('takes it while the first still waits, and a repetition of the first for what it is', () => {
    const lane = laneOf(KPI, BERLIN);
    const startMs = CHANGE_MS - HOUR_MS;
    const detect = createDetect([lane], rulesWith());
    const report = (load: number) => blockOf(lane, [{ id: 'c', startMs, report: { load } }]);
    expect(detect.ingest(report(2))).toMatchObject({ accepted: 1 });
    expect(detect.ingest(report(2))).toMatchObject({ duplicates: 1, accepted: 0 });
    expect(detect.ingest(report(3))).toMatchObject({ accepted: 1, conflicts: 0 });
    expect(detect.ingest(report(4))).toMatchObject({ conflicts: 1, accepted: 0 });
  });
});
