import { describe, expect, it } from 'vitest';
import { Growth, LATER_DAYS } from '../../../src/forecast/ordinary/growth.js';

describe('Growth', () => {
  it('widens a band the farther ahead it looks, never less than a nearer day', () => {
    const growth = new Growth();
    for (let day = 0; day < 100; day++) {
      growth.scoreNear(1);
      for (const [k, square] of [1.4, 1.2, 4].entries()) growth.scoreLater(k, square);
    }
    const factors = Array.from({ length: 20 }, (_, later) => growth.at(later));
    expect(factors[0]).toBe(1);
    for (const [later, factor] of factors.entries()) {
      expect(factor).toBeGreaterThanOrEqual(factors[later - 1] ?? 1);
    }
    expect(growth.at(LATER_DAYS[0] ?? 0)).toBeCloseTo(Math.sqrt(1.4), 1);
    expect(growth.at(28)).toBeCloseTo(2, 1);
  });
});
