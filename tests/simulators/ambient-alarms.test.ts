import { describe, expect, it } from 'vitest';
import { ambientAlarms } from '../../simulators/faults/ambient-alarms.js';
import { createNetwork } from '../../simulators/network.js';

const DAY = 86_400_000;
const network = createNetwork({ seed: 3, sites: 40 });
const options = { seed: 9, fromMs: 0, toMs: 10 * DAY, perSiteAndDay: 0.5 };

describe('ambient alarms', () => {
  const alarms = ambientAlarms(network, options);

  it('come as often as asked, in order of time, each raised and cleared', () => {
    const raised = alarms.filter(({ alarm }) => alarm.perceivedSeverity !== 'cleared');
    expect(raised.length).toBeGreaterThan(150);
    expect(raised.length).toBeLessThan(250);
    expect(alarms.length).toBe(2 * raised.length);
    expect(alarms.map(({ atMs }) => atMs)).toEqual(
      alarms.map(({ atMs }) => atMs).sort((a, b) => a - b),
    );
  });

  it('never say that service is affected', () => {
    expect(alarms.some(({ alarm }) => alarm.serviceAffecting !== false)).toBe(false);
    expect(alarms.some(({ alarm }) => alarm.perceivedSeverity === 'critical')).toBe(false);
  });

  it('are the same for the same seed, and none when none are asked for', () => {
    expect(ambientAlarms(network, options)).toEqual(alarms);
    expect(ambientAlarms(network, { ...options, perSiteAndDay: 0 })).toEqual([]);
  });
});
