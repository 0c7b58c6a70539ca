import { describe, expect, it } from 'vitest';
import { fitShapes } from '../../../src/detect/shapes/fit-shapes.js';
import { nearestCluster } from '../../../src/detect/shapes/nearest.js';
import { FEATURES, PROFILE, type ShapeSample } from '../../../src/detect/shapes/shape-model.js';
import { distancesBetween, silhouette } from '../../../src/detect/shapes/silhouette.js';
import { encodeSpread } from '../../../src/detect/spread-code.js';
import { normalOf, randomOf } from '../world.js';

const SCATTER = 0.2;

/** Objects of one KPI whose profiles are waves; wave `o % waves` belongs to object `o`. */
function sampleOf(objects: number, waves: number, seed: number, apart = 1): ShapeSample {
  const random = randomOf(seed);
  const profiles = new Float32Array(objects * PROFILE);
  for (let i = 0; i < profiles.length; i++) {
    const wave = Math.floor(i / PROFILE) % waves;
    const turn = (2 * Math.PI * (i % 24)) / 24;
    profiles[i] = apart * Math.cos(turn + (2 * Math.PI * wave) / waves) + 0.05 * normalOf(random);
  }
  return {
    objects,
    kpis: 1,
    features: [0],
    kinds: [0, 1, 2],
    mostClusters: 8,
    seed: 7,
    perHour: 1,
    profiles,
    spreads: new Uint16Array(objects * 8).fill(encodeSpread(SCATTER)),
    days: new Float32Array(objects * 3).fill(8),
    previous: null,
  };
}

describe('shapes', () => {
  it.each([2, 3, 4])('are as many as there are kinds of objects: %i', (kinds) => {
    const { model } = fitShapes(sampleOf(120, kinds, 1));
    expect(model.clusters).toBe(kinds);
    expect(model.silhouette).toBeGreaterThan(0.5);
  });

  it('are one where objects are all of a kind, or hardly differ', () => {
    expect(fitShapes(sampleOf(120, 1, 2)).model.clusters).toBe(1);
    expect(fitShapes(sampleOf(120, 4, 3, 0.01)).model.clusters).toBe(1);
    const same = sampleOf(60, 1, 4);
    expect(fitShapes({ ...same, profiles: same.profiles.fill(0.5) }).model.clusters).toBe(1);
  });

  it('are the same for the same sample', () => {
    expect(fitShapes(sampleOf(90, 3, 5))).toEqual(fitShapes(sampleOf(90, 3, 5)));
  });

  it('leave out an oddity and find the others as before', () => {
    const sample = sampleOf(100, 2, 6);
    for (let at = 0; at < PROFILE; at++) sample.profiles[11 * PROFILE + at] = at % 2 === 0 ? 6 : -6;
    const { model } = fitShapes(sample);
    expect(model.clusters).toBe(2);
    const width = FEATURES;
    for (let i = 0; i < 2 * width; i++) expect(Math.abs(model.centroids[i] ?? 9)).toBeLessThan(6);
  });

  it('find the cluster of an object from one kind of day, whatever its level', () => {
    const sample = sampleOf(100, 3, 8);
    const { model } = fitShapes(sample);
    const lifted = sample.profiles.map((x) => x + 0.7);
    const days = Float32Array.from({ length: 300 }, (_, i) => (i % 3 === 1 ? 1 : 0));
    for (const object of [0, 1, 2]) {
      const whole = nearestCluster(model, sample, object);
      const part = nearestCluster(model, { kpis: 1, profiles: lifted, days }, object);
      expect(part.cluster).toBe(whole.cluster);
    }
  });

  it('are worth more as a prior the more alike their members are', () => {
    const strengthOf = (apart: number): number => {
      const sample = sampleOf(80, 1, 9);
      const random = randomOf(10);
      for (let o = 0; o < 80; o++) {
        const own = apart * normalOf(random);
        for (let at = 0; at < PROFILE; at++) {
          sample.profiles[o * PROFILE + at] =
            (sample.profiles[o * PROFILE + at] ?? 0) + own * Math.sin((2 * Math.PI * at) / 24);
        }
      }
      return fitShapes(sample).model.strengths[0] ?? 0;
    };
    expect(strengthOf(0.02)).toBeGreaterThan(strengthOf(0.3));
    expect(strengthOf(0.3)).toBeGreaterThanOrEqual(0.5);
  });

  it('score worse on objects that have changed than shapes fitted to them', () => {
    const old = fitShapes(sampleOf(100, 3, 11)).model;
    const result = fitShapes({ ...sampleOf(100, 2, 12), previous: old });
    expect(result.score).toBeGreaterThan((result.previousScore ?? 0) + 0.1);
  });
});

describe('the silhouette', () => {
  it('is as worked out by hand for four points on a line', () => {
    const points = [[0], [1], [10], [11]];
    // a = 1 for all; b = 10.5, 9.5, 9.5, 10.5
    const expected = (2 * (9.5 / 10.5) + 2 * (8.5 / 9.5)) / 4;
    expect(silhouette(distancesBetween(points), [0, 0, 1, 1], 2)).toBeCloseTo(expected, 12);
  });

  it('passes over points without a cluster', () => {
    const points = [[0], [1], [10], [11], [500]];
    const expected = (2 * (9.5 / 10.5) + 2 * (8.5 / 9.5)) / 4;
    expect(silhouette(distancesBetween(points), [0, 0, 1, 1, -1], 2)).toBeCloseTo(expected, 12);
  });
});
