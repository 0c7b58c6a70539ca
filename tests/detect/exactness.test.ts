import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDetect } from '../../src/detect/detect.js';
import type { Detect, IngestCounts } from '../../src/detect/ports.js';
import type { DetectEvent } from '../../src/domain/anomaly.js';
import type { DetectStage } from '../../src/pipeline.js';
import { dayShape } from './kinds.js';
import {
  blockOf,
  HOUR_MS,
  laneOf,
  normalOf,
  type Report,
  randomOf,
  rulesWith,
  START_MS,
} from './world.js';

const CELLS = 5;
const HOURS = 12 * 24;
const LATENESS_SECONDS = 2 * 3600;
const RULES = rulesWith({
  warmupDays: 2,
  limits: [{ kpi: 'users', below: 1, periods: 2 }],
});
const LANE = laneOf(
  {
    setup: { kind: 'ratio', unit: 'ratio', range: [0, 1], bad: 'low' },
    thp: { kind: 'gauge', unit: 'Mbit/s', range: [0, 1000], bad: 'low' },
    users: {
      kind: 'count',
      unit: 'users',
      range: [0, 1e5],
      bad: 'low',
      traffic: true,
      role: 'traffic',
    },
  },
  { latenessSeconds: LATENESS_SECONDS },
);

interface Row {
  readonly id: string;
  readonly startMs: number;
  readonly report: Report;
}

/** A fortnight with outages, lost reports, a cell that goes for good and one that comes late. */
function history(seed: number): Row[] {
  const random = randomOf(seed);
  const rows: Row[] = [];
  for (let hour = 0; hour < HOURS; hour++) {
    const startMs = START_MS + hour * HOUR_MS;
    for (let cell = 0; cell < CELLS; cell++) {
      if (random() < 0.01 || (cell === 1 && hour > 200) || (cell === 2 && hour < 60)) continue;
      const lost = cell === 0 && hour >= 230 && hour < 236 ? 1 : hour % 97 < 2 ? 0.6 : 0;
      const attempts = Math.round(900 * dayShape(startMs));
      const report: Report = {
        setup: [0.99 - 0.5 * lost * random(), attempts],
        users: 30 * dayShape(startMs) * Math.exp(0.2 * normalOf(random)) * (1 - lost),
        ...(random() < 0.05 ? {} : { thp: 20 * Math.exp(0.2 * normalOf(random)) }),
      };
      rows.push({ id: `cell-${cell}`, startMs, report });
    }
  }
  return rows;
}

const dueMs = (row: Row): number => row.startMs + HOUR_MS + LATENESS_SECONDS * 1000;

interface Run {
  readonly events: DetectEvent[];
  readonly counts: IngestCounts;
}

/** Plain: period after period, each released as soon as it is due. */
function plainRun(rows: readonly Row[]): Run {
  const detect = createDetect([LANE], RULES);
  const counts = { accepted: 0, duplicates: 0, conflicts: 0, late: 0 };
  const events: DetectEvent[] = [];
  for (let hour = 0; hour < HOURS; hour++) {
    const startMs = START_MS + hour * HOUR_MS;
    add(
      counts,
      detect.ingest(
        blockOf(
          LANE,
          rows.filter((row) => row.startMs === startMs),
        ),
      ),
    );
    events.push(...detect.advance(startMs + HOUR_MS + LATENESS_SECONDS * 1000));
  }
  return { events, counts };
}

function add(to: IngestCounts, counts: IngestCounts): void {
  for (const key of ['accepted', 'duplicates', 'conflicts', 'late'] as const)
    to[key] += counts[key];
}

const SEED = 11;
const ROWS = history(SEED);
const PLAIN = plainRun(ROWS);

describe('detection', () => {
  it('fits the pipeline', () => {
    const stage: DetectStage = createDetect([LANE], RULES);
    expect(stage.advance(START_MS)).toEqual([]);
  });

  it('has something to say about the fortnight', () => {
    const kinds = new Set(
      PLAIN.events.flatMap((event) => ('anomaly' in event ? [event.anomaly.kind] : [])),
    );
    expect([...kinds].sort()).toEqual(['deviation', 'limit', 'silence', 'zeroTraffic']);
  });

  it('says the same whatever the order, the batches and the ticks, within the lateness', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 31 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 60_000, max: 4 * HOUR_MS }),
        (seed, mostRows, tickMs) => {
          expect(shuffledRun(ROWS, { seed, mostRows, tickMs }).events).toEqual(PLAIN.events);
        },
      ),
      { numRuns: 12 },
    );
  });

  it('goes on from a snapshot at any point as if nothing had happened', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: HOURS - 1 }), { maxLength: 4 }), (stops) => {
        expect(restartedRun(ROWS, new Set(stops))).toEqual(PLAIN.events);
      }),
      { numRuns: 12 },
    );
  });

  it('restores bit for bit', () => {
    const detect = feedAll(ROWS);
    const state = detect.snapshot();
    const copy = createDetect([LANE], RULES);
    copy.restore(state);
    expect(Buffer.from(copy.snapshot()).equals(Buffer.from(state))).toBe(true);
  });

  it('takes the first value, and counts repeats, differing repeats and what is late', () => {
    const detect = createDetect([LANE], RULES);
    const row = (users: number, startMs = START_MS) =>
      blockOf(LANE, [{ id: 'a', startMs, report: { users } }]);
    expect(detect.ingest(row(5))).toMatchObject({ accepted: 1 });
    expect(detect.ingest(row(5))).toMatchObject({ duplicates: 1 });
    expect(detect.ingest(row(6))).toMatchObject({ conflicts: 1 });
    const setup = blockOf(LANE, [
      { id: 'a', startMs: START_MS, report: { setup: [0.5, 10] as const } },
    ]);
    expect(detect.ingest(setup)).toMatchObject({ accepted: 1 });
    detect.advance(START_MS + HOUR_MS + LATENESS_SECONDS * 1000);
    expect(detect.ingest(row(5))).toMatchObject({ late: 1 });
    expect(detect.ingest(row(5, START_MS + HOUR_MS))).toMatchObject({ accepted: 1 });
  });

  it('keeps what it knows of KPIs that stay when a feed gains and loses others', () => {
    const before = feedAll(ROWS);
    const changed = {
      ...LANE,
      kpis: [
        { name: 'fresh', definition: { kind: 'gauge', unit: '', bad: 'low' } as const },
        ...LANE.kpis.filter(({ name }) => name !== 'thp').reverse(),
      ],
    };
    const shown = new Map<string, number[]>();
    const after = createDetect([changed], RULES, (period) => {
      shown.set(period.objectIds.join(), [...period.expected]);
    });
    after.restore(before.snapshot());
    const startMs = START_MS + HOURS * HOUR_MS;
    after.ingest(
      blockOf(changed, [{ id: 'cell-0', startMs, report: { users: 20, fresh: 1, setup: [1, 9] } }]),
    );
    after.advance(startMs + HOUR_MS + LATENESS_SECONDS * 1000);
    const [expected = []] = shown.values();
    expect(expected[0]).toBeNaN();
    expect(expected[1]).toBeGreaterThan(0);
    expect(expected[2]).toBeCloseTo(0.99, 1);
  });

  it('bounds what waits: wild times open no more periods than allowed', () => {
    const detect = createDetect([LANE], { ...RULES, pendingPeriods: 4 });
    const rows = Array.from({ length: 50 }, (_, i) => ({
      id: 'a',
      startMs: START_MS + i * 1000 * HOUR_MS,
      report: { users: 1 },
    }));
    expect(detect.ingest(blockOf(LANE, rows))).toMatchObject({ accepted: 50, late: 0 });
    const older = { id: 'a', startMs: START_MS + 45_500 * HOUR_MS, report: { users: 1 } };
    expect(detect.ingest(blockOf(LANE, [older]))).toMatchObject({ accepted: 0, late: 1 });
  });

  it('judges a backlog longer than may wait as if all of it had waited', () => {
    const rows = ROWS;
    const endMs = START_MS + (HOURS + 10) * HOUR_MS;
    const whole = createDetect([LANE], { ...RULES, pendingPeriods: 2 * HOURS });
    expect(whole.ingest(blockOf(LANE, rows))).toMatchObject({ late: 0 });
    const expected = whole.advance(endMs);
    expect(expected.length).toBeGreaterThan(0);
    let narrow = createDetect([LANE], { ...RULES, pendingPeriods: 4 });
    for (let at = 0; at < rows.length; at += 97) {
      const block = blockOf(LANE, rows.slice(at, at + 97));
      expect(narrow.ingest(block)).toMatchObject({ late: 0 });
      const next = createDetect([LANE], { ...RULES, pendingPeriods: 4 });
      next.restore(narrow.snapshot());
      narrow = next;
      expect(narrow.advance(START_MS)).toEqual([]);
    }
    expect(narrow.advance(endMs)).toEqual(expected);
  });

  it('refuses two lanes of one name', () => {
    expect(() => createDetect([LANE, LANE], RULES)).toThrow(/two feeds are named test/);
  });
});

function feedAll(rows: readonly Row[]): Detect {
  const detect = createDetect([LANE], RULES);
  for (let hour = 0; hour < HOURS; hour++) {
    const startMs = START_MS + hour * HOUR_MS;
    detect.ingest(
      blockOf(
        LANE,
        rows.filter((row) => row.startMs === startMs),
      ),
    );
    detect.advance(startMs + HOUR_MS);
  }
  return detect;
}

/** Rows come in any order as long as none is late, with repeats, in blocks of any size. */
function shuffledRun(
  rows: readonly Row[],
  { seed, mostRows, tickMs }: { seed: number; mostRows: number; tickMs: number },
): Run {
  const random = randomOf(seed);
  const arrivals = rows.map((row) => ({
    row,
    // arrives between its period's start and the last tick that finds it in time
    atMs: row.startMs + random() * (dueMs(row) - row.startMs),
  }));
  const repeats = arrivals.filter(() => random() < 0.2);
  const queue = [...arrivals, ...repeats].sort((a, b) => a.atMs - b.atMs || random() - 0.5);
  const detect = createDetect([LANE], RULES);
  const events: DetectEvent[] = [];
  const counts = { accepted: 0, duplicates: 0, conflicts: 0, late: 0 };
  const endMs = START_MS + HOURS * HOUR_MS + LATENESS_SECONDS * 1000;
  for (let nowMs = START_MS + tickMs; ; nowMs += tickMs) {
    const clock = Math.min(nowMs, endMs);
    while (queue[0] !== undefined && queue[0].atMs < clock) {
      const size = 1 + Math.floor(random() * mostRows);
      const due = queue.filter(({ atMs }) => atMs < clock).slice(0, size);
      queue.splice(0, due.length);
      add(
        counts,
        detect.ingest(
          blockOf(
            LANE,
            due.map(({ row }) => row),
          ),
        ),
      );
    }
    events.push(...detect.advance(clock));
    if (clock === endMs) return { events, counts };
  }
}

function restartedRun(rows: readonly Row[], stops: ReadonlySet<number>): DetectEvent[] {
  let detect = createDetect([LANE], RULES);
  const events: DetectEvent[] = [];
  for (let hour = 0; hour < HOURS; hour++) {
    const startMs = START_MS + hour * HOUR_MS;
    const own = rows.filter((row) => row.startMs === startMs);
    detect.ingest(blockOf(LANE, own.slice(0, 2)));
    if (stops.has(hour)) {
      const state = detect.snapshot();
      detect = createDetect([LANE], RULES);
      detect.restore(state);
    }
    detect.ingest(blockOf(LANE, own.slice(2)));
    events.push(...detect.advance(startMs + HOUR_MS + LATENESS_SECONDS * 1000));
  }
  return events;
}
