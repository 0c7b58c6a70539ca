import { describe, expect, it } from 'vitest';
import { clock, kpiName, localTimes } from '../../src/dashboard/format.js';

const NOW = Date.UTC(2026, 10, 20, 12);

describe('times in sentences of the service', () => {
  it('stand as the page writes all others, whichever way they were written', () => {
    const local = clock(Date.UTC(2026, 10, 20, 9, 5), NOW);
    for (const given of [
      '2026-11-20 09:05 UTC',
      '2026-11-20T09:05:00Z',
      '2026-11-20T09:05:10.136Z',
    ]) {
      expect(localTimes(`no service since ${given}. Over.`, NOW)).toBe(
        `no service since ${local}. Over.`,
      );
    }
  });

  it('are left alone where they are none', () => {
    for (const text of ['no time here', '2026-13-40 09:05 UTC', 'site 2026-11-20']) {
      expect(localTimes(text, NOW)).toBe(text);
    }
  });
});

describe('the name of a KPI', () => {
  it.each([
    ['rrcSetupSuccessRatio', 'RRC setup success'],
    ['erabDropRatio', 'E-RAB drop'],
    ['dlThroughputMbps', 'Downlink throughput'],
    ['prbUtilisationRatio', 'PRB utilisation'],
    ['connectedUsers', 'Connected users'],
    ['userMadeThing', 'User made thing'],
  ])('of %s is %s', (kpi, name) => expect(kpiName(kpi)).toBe(name));
});
