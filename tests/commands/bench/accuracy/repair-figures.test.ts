import { describe, expect, it } from 'vitest';
import { repairFigures } from '../../../../src/commands/bench/accuracy/repair-figures.js';

const HOUR = 3_600_000;

function told(afterH: number, byH: number | null, atH: number, lowH: number, highH: number) {
  return {
    past: {
      startedAtMs: 0,
      knownAtMs: 0,
      offsetMs: 0,
      traits: {},
      endedAfterMs: afterH * HOUR,
      endedByMs: byH === null ? null : byH * HOUR,
    },
    atMs: atH * HOUR,
    band: { lowMs: lowH * HOUR, highMs: highH * HOUR },
  };
}

describe('figures of foretold ends', () => {
  it('counts an end that is only known to an interval surely, possibly and in expectation', () => {
    const figures = repairFigures([told(1, 2, 1, 0, 3), told(2, 6, 4, 3, 9), told(5, 6, 1, 0, 2)]);
    expect(figures).toMatchObject({
      outages: 3,
      coverageSurely: 0.3333,
      coveragePossibly: 0.6667,
      coverage: 0.5833,
      coverageOfMiddle: 0.6667,
      endedBefore: 0.0833,
      endedAfter: 0.3333,
      medianBandSeconds: 3 * 3600,
    });
  });

  it('takes errors from the middle, and leaves out ends that are not known', () => {
    const figures = repairFigures([
      told(1, 2, 1, 0, 3),
      told(2, 4, 6, 0, 9),
      told(1, null, 50, 0, 99),
    ]);
    expect(figures).toMatchObject({
      outages: 2,
      meanErrorSeconds: 1.75 * 3600,
      medianErrorSeconds: 1.75 * 3600,
    });
  });
});
