import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { packPast } from '../../src/correlate/repair/pack-past.js';
import { fitSample } from '../../src/correlate/repair/ports.js';
import { RepairThread } from '../../src/service/repair-thread.js';
import { DAY, simulatePast, T0 } from '../correlate/repair/simulated-past.js';

describe('the thread that learns times to repair', () => {
  const warnings: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => void warnings.push(line) });
  const thread = new RepairThread(log);
  afterEach(() => thread.close());

  it('learns what would be learnt here, and says nothing before', async () => {
    const { past } = simulatePast({ seed: 7, count: 300, medianHours: { site: 4, link: 9 } });
    const sample = { past: packPast(past), minEnds: 30, asOfMs: T0 + 40 * DAY };
    const fit = thread.begin(sample);
    expect(fit.result).toBeUndefined();
    await fit.settled;
    expect(fit.result).toEqual(fitSample(sample));
    expect(fit.result?.basedOn).toBeGreaterThan(200);
    expect(warnings).toEqual([]);
  });

  it('leaves what it cannot learn to the decision that needs it', async () => {
    const fit = thread.begin({ past: null as never, minEnds: 30, asOfMs: 0 });
    await fit.settled;
    expect(fit.result).toBeUndefined();
    expect(warnings.join()).toContain('could not be learnt');
  });
});
