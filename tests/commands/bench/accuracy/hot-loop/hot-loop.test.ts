import { describe, expect, it } from 'vitest';
import { TiledReports } from '../../../../../src/commands/bench/accuracy/hot-loop/tiled-reports.js';
import { updateMeans } from '../../../../../src/commands/bench/accuracy/hot-loop.js';
import { countSamples } from '../../../../../src/domain/report-block.js';

const START_MS = Date.UTC(2026, 1, 2, 12);

describe('tiled reports', () => {
  it('have one report per cell, each under an id of its own', () => {
    const block = new TiledReports(2_500, 'made', 5).period(START_MS);
    expect(block).toMatchObject({ rows: 2_500, feed: 'made' });
    expect(new Set(block.objectIds).size).toBe(2_500);
    expect(block.periodStartMs.every((ms) => ms === START_MS)).toBe(true);
  });

  it('differ from one period to the next', () => {
    const reports = new TiledReports(120, 'made', 5);
    const first = reports.period(START_MS);
    expect(reports.period(START_MS + 900_000).values).not.toEqual(first.values);
    expect(reports.period(START_MS).values).toEqual(first.values);
  });
});

describe('the loop that only updates one float per sample', () => {
  it('takes in every sample and passes over absent ones', () => {
    const block = new TiledReports(120, 'made', 5).period(START_MS);
    block.values[3] = Number.NaN;
    const means = new Float32Array(block.values.length);
    expect(updateMeans(means, [block])).toBe(countSamples(block));
    expect(means[3]).toBe(0);
    expect(means[0]).toBeCloseTo(0.1 * (block.values[0] ?? 0), 5);
  });
});
