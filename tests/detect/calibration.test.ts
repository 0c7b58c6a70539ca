import { describe, expect, it } from 'vitest';
import { Calendar } from '../../src/detect/calendar.js';
import { EvidencePool } from '../../src/detect/evidence-pool.js';
import { forward, inverse, lossOf, planKpi } from '../../src/detect/kpi-plan.js';
import { decodeSpread, encodeSpread, stepSpread } from '../../src/detect/spread-code.js';
import { TailPool } from '../../src/detect/tail-pool.js';
import { normalOf, randomOf, rulesWith } from './world.js';

const QUARTER_MS = 900_000;

describe('tail of deviations', () => {
  function pool(draw: () => number, n: number): TailPool {
    const tail = new TailPool(2.5);
    for (let i = 0; i < n; i++) {
      tail.add(draw(), 0);
      if (i % 1000 === 0) tail.endPeriod(false);
    }
    tail.endPeriod(false);
    return tail;
  }

  it('knows the normal tail, also where hardly anything was seen', () => {
    const random = randomOf(1);
    const tail = pool(() => normalOf(random), 200_000);
    // -ln of P(Z > z) for the standard normal distribution
    expect(tail.surprise(1, 0)).toBeCloseTo(1.841, 1);
    expect(tail.surprise(2, 0)).toBeCloseTo(3.783, 0);
    expect(tail.surprise(3, 0)).toBeGreaterThan(6);
    expect(tail.surprise(3, 0)).toBeLessThan(7.2);
    expect(tail.surprise(5, 0)).toBeGreaterThan(10);
  });

  it('is less surprised by outliers where they are common', () => {
    const random = randomOf(2);
    const heavy = () =>
      normalOf(random) / Math.sqrt((normalOf(random) ** 2 + normalOf(random) ** 2) / 2);
    const light = pool(() => normalOf(random), 50_000);
    expect(pool(heavy, 50_000).surprise(8, 0)).toBeLessThan(light.surprise(8, 0) - 3);
  });

  it('leans on a heavy-tailed prior before anything was seen', () => {
    const tail = new TailPool(2.5);
    expect(tail.surprise(3, 0)).toBeGreaterThan(3);
    expect(tail.surprise(3, 0)).toBeLessThan(6);
    expect(tail.surprise(0, 0)).toBeCloseTo(Math.log(2), 1);
  });

  it('rises with the deviation, and says up to where it stays below some nats', () => {
    const random = randomOf(3);
    const tail = pool(() => normalOf(random), 20_000);
    for (let z = -3; z < 60; z += 0.5) {
      expect(tail.surprise(z + 0.5, 0)).toBeGreaterThanOrEqual(tail.surprise(z, 0));
    }
    expect(tail.surprise(tail.reach[0] ?? 0, 0)).toBeLessThanOrEqual(2.5);
    expect(tail.surprise((tail.reach[0] ?? 0) + 0.5, 0)).toBeGreaterThan(2.5);
  });
});

describe('tails of clusters', () => {
  /** Cluster 1 scatters twice as much as cluster 2, which only few readings show. */
  function clusters(few: number): TailPool {
    const random = randomOf(12);
    const tail = new TailPool(2.5);
    tail.regroup(2);
    for (let i = 0; i < 100_000; i++) {
      tail.add(2 * normalOf(random), 1);
      if (i % 100 < few) tail.add(normalOf(random), 2);
      if (i % 5000 === 0) tail.endPeriod(false);
    }
    tail.endPeriod(false);
    return tail;
  }

  it('are their own where they have readings of their own', () => {
    const tail = clusters(80);
    expect(tail.surprise(4, 1)).toBeCloseTo(3.783, 0);
    expect(tail.surprise(4, 2)).toBeGreaterThan(tail.surprise(4, 1) + 3);
    expect(tail.surprise(4, 0)).toBeLessThan(tail.surprise(4, 2));
  });

  it('are the whole KPI where they have none', () => {
    const tail = clusters(0);
    for (const z of [1, 3, 6]) {
      expect(Math.abs(tail.surprise(z, 2) - tail.surprise(z, 0))).toBeLessThan(0.3);
    }
  });

  it('begin as the whole KPI when objects are grouped anew, and nothing counted is lost', () => {
    const tail = clusters(80);
    const [whole, total] = [tail.surprise(5, 0), tail.total];
    tail.regroup(4);
    expect(tail.total).toBe(total);
    for (const row of [0, 1, 4]) expect(tail.surprise(5, row)).toBe(whole);
  });

  it('go back to the fit before', () => {
    const random = randomOf(13);
    const tail = new TailPool(2.5);
    for (let i = 0; i < 1000; i++) tail.add(normalOf(random), 0);
    expect(tail.endPeriod(false)).toBe(true);
    const before = tail.surprise(4, 0);
    for (let i = 0; i < 5000; i++) tail.add(3 * normalOf(random), 0);
    expect(tail.endPeriod(false)).toBe(true);
    expect(tail.surprise(4, 0)).toBeLessThan(before - 1);
    tail.revert();
    expect(tail.surprise(4, 0)).toBe(before);
  });
});

describe('threshold of evidence', () => {
  it('extrapolates the exponential tail of healthy evidence to the wanted rate', () => {
    const random = randomOf(4);
    const target = 1e-6;
    const pool = new EvidencePool(target);
    // evidence above zero in 5 % of the time, exponential with mean 2 nats there
    for (let i = 0; i < 400_000; i++) {
      pool.add(random() < 0.05 ? -2 * Math.log(1 - random()) : 0);
      if (i % 20_000 === 0) pool.endPeriod(false);
    }
    pool.endPeriod(false);
    const exact = 2 * Math.log(0.05 / target);
    expect(pool.threshold).toBeGreaterThan(0.85 * exact);
    expect(pool.threshold).toBeLessThan(1.15 * exact);
  });

  it('is not moved by one outage in a thousand', () => {
    const random = randomOf(5);
    const clean = new EvidencePool(1e-6);
    const dirty = new EvidencePool(1e-6);
    for (let i = 0; i < 200_000; i++) {
      const evidence = random() < 0.05 ? -2 * Math.log(1 - random()) : 0;
      clean.add(evidence);
      dirty.add(i % 2000 === 0 ? 60 : evidence);
    }
    clean.endPeriod(false);
    dirty.endPeriod(false);
    expect(dirty.threshold).toBeLessThan(1.25 * clean.threshold);
  });
});

describe('local season', () => {
  const paris = new Calendar('Europe/Paris', [6, 7], ['2026-05-01']);

  it('follows daylight saving', () => {
    expect(paris.season(Date.UTC(2026, 2, 28, 11), QUARTER_MS).hour).toBe(12);
    expect(paris.season(Date.UTC(2026, 2, 29, 11), QUARTER_MS).hour).toBe(13);
    expect(paris.season(Date.UTC(2026, 9, 25, 0, 30), QUARTER_MS).hour).toBe(2);
    expect(paris.season(Date.UTC(2026, 9, 25, 1, 30), QUARTER_MS).hour).toBe(2);
  });

  it('knows working days, Saturdays, Sundays and holidays by local date', () => {
    const kind = (ms: number) => paris.season(ms, QUARTER_MS).kind;
    expect(kind(Date.UTC(2026, 0, 9, 22))).toBe(0);
    expect(kind(Date.UTC(2026, 0, 9, 23))).toBe(1);
    expect(kind(Date.UTC(2026, 0, 11, 12))).toBe(2);
    expect(paris.season(Date.UTC(2026, 4, 1, 12), QUARTER_MS)).toMatchObject({
      kind: 2,
      isHoliday: true,
    });
  });

  it('puts an hour on its own knot and quarters between two', () => {
    const hour = paris.season(Date.UTC(2026, 0, 5, 11), 3_600_000);
    expect(hour).toMatchObject({ knot0: 12, weight1: 0, block: 4 });
    const quarter = paris.season(Date.UTC(2026, 0, 5, 11), QUARTER_MS);
    expect(quarter).toMatchObject({ knot0: 11, knot1: 12, weight1: expect.closeTo(0.625, 6) });
  });
});

describe('scales', () => {
  const rules = rulesWith();
  const ratio = planKpi(
    { name: 'r', definition: { kind: 'ratio', unit: 'ratio', range: [0, 1], bad: 'low' } },
    rules,
  );

  it('say that 2 of 3 means nothing and 1,800 of 2,000 much', () => {
    const distance = (successes: number, n: number) =>
      (forward(ratio, 0.99, Number.NaN, 1) - forward(ratio, successes / n, n, 1)) * Math.sqrt(n);
    expect(distance(2, 3)).toBeLessThan(2);
    expect(distance(1800, 2000)).toBeGreaterThan(10);
  });

  it('come back from what they made', () => {
    for (const p of [0, 0.003, 0.19, 0.21, 0.5, 0.79, 0.81, 0.9999, 1]) {
      expect(inverse(ratio, forward(ratio, p, Number.NaN, 1), 1)).toBeCloseTo(p, 5);
    }
    const count = planKpi(
      { name: 'c', definition: { kind: 'count', unit: '', bad: 'low' } },
      rules,
    );
    for (const x of [0, 0.1, 7, 1e9]) {
      expect(inverse(count, forward(count, x, Number.NaN, 12), 12)).toBeCloseTo(
        x,
        3 - Math.log10(x + 1),
      );
    }
  });

  it('count a loss as a share of the service', () => {
    const drops = planKpi(
      { name: 'd', definition: { kind: 'ratio', unit: 'ratio', range: [0, 1], bad: 'high' } },
      rules,
    );
    expect(lossOf(ratio, 0.49, 0.98)).toBeCloseTo(0.5);
    expect(lossOf(ratio, 1, 0.98)).toBe(0);
    expect(lossOf(drops, 0.505, 0.01)).toBeCloseTo(0.5);
  });
});

describe('stored scatter', () => {
  it('keeps a scatter to a tenth of a per cent over twelve decades', () => {
    for (let sd = 1e-6; sd < 1e5; sd *= 1.7) {
      expect(Math.abs(decodeSpread(encodeSpread(sd)) / sd - 1)).toBeLessThan(0.001);
    }
  });

  it('settles where residuals have that scatter', () => {
    const random = randomOf(6);
    let code = encodeSpread(9);
    for (let i = 0; i < 20_000; i++) {
      code = stepSpread(code, (2 * normalOf(random)) / decodeSpread(code), 0.01);
    }
    expect(decodeSpread(code)).toBeGreaterThan(1.8);
    expect(decodeSpread(code)).toBeLessThan(2.2);
  });
});
