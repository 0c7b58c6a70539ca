import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { fitShapes } from '../../src/detect/shapes/fit-shapes.js';
import { PROFILE, type ShapeSample } from '../../src/detect/shapes/shape-model.js';
import { encodeSpread } from '../../src/detect/spread-code.js';
import { ThreadFitter } from '../../src/service/thread-fitter.js';
import { normalOf, randomOf } from '../detect/world.js';

function sampleOf(seed: number): ShapeSample {
  const random = randomOf(seed);
  const objects = 40;
  return {
    objects,
    kpis: 1,
    features: [0],
    kinds: [0, 1, 2],
    mostClusters: 4,
    seed,
    perHour: 1,
    profiles: Float32Array.from({ length: objects * PROFILE }, (_, i) => {
      const wave = Math.floor(i / PROFILE) % 2 === 0 ? 1 : -1;
      return wave * Math.sin((i % PROFILE) / 4) + 0.1 * normalOf(random);
    }),
    spreads: new Uint16Array(objects * 8).fill(encodeSpread(0.2)),
    days: new Float32Array(objects * 3).fill(8),
    previous: null,
  };
}

describe('the thread that fits shapes', () => {
  const warnings: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => void warnings.push(line) });
  const fitter = new ThreadFitter(log);
  afterEach(() => fitter.close());

  it('answers what a fit in this thread answers, also after it was closed', async () => {
    for (const seed of [1, 2]) {
      const fits = [sampleOf(seed), sampleOf(seed + 10)].map((sample) => fitter.begin(sample));
      expect(fits[0]?.result).toBeUndefined();
      await Promise.all(fits.map(({ settled }) => settled));
      expect(fits[0]?.result).toEqual(fitShapes(sampleOf(seed)));
      expect(fits[1]?.result).toEqual(fitShapes(sampleOf(seed + 10)));
      await fitter.close();
    }
    expect(warnings).toEqual([]);
  });

  it('is done without when it breaks, and says so', async () => {
    const broken = fitter.begin({ ...sampleOf(3), previous: { features: 'none' } as never });
    const fit = fitter.begin(sampleOf(4));
    await expect(broken.settled).rejects.toThrow();
    await fit.settled;
    expect(fit.result?.model.clusters).toBe(2);
    expect(warnings.join()).toContain('going on without it');
  });
});
