import { describe, expect, it } from 'vitest';
import { buildFault } from '../../simulators/faults/build-fault.js';
import type { CellEffect } from '../../simulators/faults/conditions.js';
import type { FaultKind } from '../../simulators/faults/types.js';
import { createNetwork } from '../../simulators/network.js';
import { PERIOD_MS } from '../../simulators/telemetry/calendar.js';
import { COUNTERS, WIDTH } from '../../simulators/telemetry/counters.js';
import { arrivalsOf, Delivery, ORDINARY_DELIVERY } from '../../simulators/telemetry/delivery.js';
import { TelemetryGenerator } from '../../simulators/telemetry/generator.js';
import { blockSink, lineSink } from '../../simulators/telemetry/sinks.js';
import { createDecoder } from '../../src/sources/decoder.js';
import { loadFeed, loadKpiRules } from '../../src/sources/feed-loader.js';

const NOON = Date.UTC(2026, 4, 6, 10);
const network = createNetwork({ seed: 5, sites: 60, cells: 240 });

function generator(effects: readonly CellEffect[] = []): TelemetryGenerator {
  return new TelemetryGenerator(network, { seed: 5, effects: () => effects });
}

function counter(values: Float64Array, cell: number, name: (typeof COUNTERS)[number]): number {
  return values[cell * WIDTH + COUNTERS.indexOf(name)] ?? Number.NaN;
}

function fault(kind: FaultKind, where?: string) {
  const spec = { kind, fromMs: NOON, durationMs: 4 * PERIOD_MS };
  return buildFault(network, 5, `T-${kind}`, where === undefined ? spec : { ...spec, where });
}

describe('simulated telemetry', () => {
  it('gives a period the same counters whatever was asked for before', () => {
    const one = generator();
    one.period(NOON);
    const again = [...one.period(NOON + PERIOD_MS).counters];
    expect([...generator().period(NOON + PERIOD_MS).counters]).toEqual(again);
  });

  it('never has more successes than attempts nor anything out of range', () => {
    const source = generator([...fault('congestion').effects, ...fault('interference').effects]);
    for (let at = 0; at < 96; at += 3) {
      const { counters } = source.period(NOON + at * PERIOD_MS);
      const wrong = network.cells.filter(({ index }) => {
        const read = (name: (typeof COUNTERS)[number]): number => counter(counters, index, name);
        return (
          read('rrc_successes') > read('rrc_attempts') ||
          read('erab_successes') > read('erab_attempts') ||
          read('erab_drops') > read('erab_releases') ||
          read('prb_dl_pct') > 100 ||
          !(Math.min(read('users_avg'), read('dl_volume_mb')) >= 0)
        );
      });
      expect(wrong).toEqual([]);
    }
  });

  it('is busier by day than by night and leaves small cells at zero at night', () => {
    const sum = (hour: number): number => {
      const { counters } = generator().period(Date.UTC(2026, 4, 6, hour));
      return network.cells.reduce((s, { index }) => s + counter(counters, index, 'users_avg'), 0);
    };
    expect(sum(16)).toBeGreaterThan(3 * sum(2));
    const { counters } = generator().period(Date.UTC(2026, 4, 6, 1));
    const small = network.cells.filter(({ layer }) => layer === 'small');
    expect(small.length).toBeGreaterThan(0);
    for (const { index } of small) {
      expect(counter(counters, index, 'rrc_attempts')).toBe(0);
      expect(counter(counters, index, 'availability_pct')).toBe(100);
      expect(counter(counters, index, 'dl_throughput_mbps')).toBeNaN();
    }
  });

  it('keeps a weekday profile through the change of the clocks', () => {
    const at = (day: number, utcHour: number): number => {
      const { counters } = generator().period(Date.UTC(2026, 2, day, utcHour));
      return network.cells.reduce((s, { index }) => s + counter(counters, index, 'users_avg'), 0);
    };
    const before = at(27, 8);
    const after = at(30, 7);
    expect(Math.abs(after / before - 1)).toBeLessThan(0.1);
  });

  it('says nothing of sites without power or line, and zeros of cells that are off air', () => {
    for (const kind of ['sitePower', 'transportCut'] as const) {
      const { effects, truth } = fault(kind);
      const { missing } = generator(effects).period(NOON + PERIOD_MS);
      const down = new Set(truth.flatMap(({ cells }) => cells.map(({ cell }) => cell)));
      for (const { index } of network.cells) expect(missing[index] === 1).toBe(down.has(index));
    }
    const { effects, truth } = fault('cellOutage');
    const { missing, counters } = generator(effects).period(NOON + PERIOD_MS);
    const cell = truth[0]?.cells[0]?.cell ?? -1;
    expect(missing[cell]).toBe(0);
    for (const name of ['availability_pct', 'rrc_attempts', 'users_avg'] as const) {
      expect(counter(counters, cell, name)).toBe(0);
    }
  });

  it('reports a sleeping cell as available without users while neighbours carry more', () => {
    const cell = network.cells.find(({ layer }) => layer === 'L800');
    const { effects } = fault('sleepingCell', cell?.cellId);
    const healthy = [...generator().period(NOON + PERIOD_MS).counters];
    const { counters } = generator(effects).period(NOON + PERIOD_MS);
    const at = cell?.index ?? -1;
    expect(counter(counters, at, 'availability_pct')).toBe(100);
    expect(counter(counters, at, 'rrc_attempts')).toBe(0);
    const rise = (cell?.neighbours ?? []).reduce(
      (sum, { cell: other }) =>
        sum +
        counter(counters, other, 'users_avg') -
        (healthy[other * WIDTH + COUNTERS.indexOf('users_avg')] ?? 0),
      0,
    );
    const had = healthy[at * WIDTH + COUNTERS.indexOf('users_avg')] ?? 0;
    expect(rise).toBeGreaterThan(0.3 * had);
    expect(rise).toBeLessThan(0.9 * had);
  });

  it('leaves cells that a fault does not touch exactly as they were', () => {
    const { effects, truth } = fault('cellOutage');
    const healthy = [...generator().period(NOON + PERIOD_MS).counters];
    const { counters } = generator(effects).period(NOON + PERIOD_MS);
    const touched = new Set(truth.flatMap(({ cells }) => cells.map(({ cell }) => cell)));
    for (const cell of [...touched]) {
      for (const { cell: other } of network.cells[cell]?.neighbours ?? []) touched.add(other);
    }
    const changed = network.cells.filter(({ index }) =>
      COUNTERS.some(
        (_, at) => !Object.is(counters[index * WIDTH + at], healthy[index * WIDTH + at]),
      ),
    );
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.filter(({ index }) => !touched.has(index))).toEqual([]);
  });

  it('delivers most promptly, some late, some twice, some never', () => {
    const shares = { late: 0.1, tooLate: 0.05, lost: 0.05, doubled: 0.05 };
    const seen = network.cells.flatMap(({ index }) =>
      Array.from({ length: 50 }, (_, p) => arrivalsOf(shares, 1, NOON + p * PERIOD_MS, index)),
    );
    const share = (of: (arrivals: readonly number[]) => boolean): number =>
      seen.filter(of).length / seen.length;
    expect(share((arrivals) => arrivals.length === 0)).toBeCloseTo(0.05, 2);
    expect(share((arrivals) => arrivals.length === 2)).toBeCloseTo(0.05, 2);
    expect(ORDINARY_DELIVERY.lost).toBeLessThan(0.001);
  });

  it('hands the same reports over whole, as columns and as line protocol the feed reads', async () => {
    const shares = { late: 0, tooLate: 0, lost: 0, doubled: 0 };
    const source = generator(fault('cellOutage').effects);
    const inColumns = new Delivery(shares, 1, () => blockSink(network));
    const inLines = new Delivery(shares, 1, () => lineSink(network));
    const [direct] = inColumns.take(source.period(NOON + PERIOD_MS));
    const [text] = inLines.take(source.period(NOON + PERIOD_MS));
    const rules = loadKpiRules();
    const path = new URL('../../rules/feeds/telemetry-line-protocol.yaml', import.meta.url);
    const feed = await loadFeed(path.pathname, rules);
    const letters: unknown[] = [];
    const decoder = createDecoder(feed, {
      source: 'http',
      deadLetters: { record: (letter) => void letters.push(letter) },
      aliases: { resolve: () => undefined, isKnown: () => true },
    });
    decoder.payload(new TextEncoder().encode(text?.batch));
    const [fact] = decoder.take();
    if (fact?.kind !== 'reports' || direct === undefined) throw new Error('no reports');
    expect(letters).toEqual([]);
    expect(fact.block).toEqual(direct.batch);
  });
});
