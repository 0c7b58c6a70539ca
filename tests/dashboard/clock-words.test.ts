import { describe, expect, it } from 'vitest';
import { clockWords } from '../../src/dashboard/parts/clock-words.js';
import type { RegulatoryClock } from '../../src/domain/regulatory-clock.js';

const NOW = Date.UTC(2026, 10, 20, 12);
const MINUTE = 60_000;
const at = (minutes: number): string => new Date(NOW + minutes * MINUTE).toISOString();

const waiting: RegulatoryClock = {
  id: 'fcc',
  name: 'FCC',
  startedAt: null,
  deadlineAt: null,
  progress: 0.62,
  lacking: { what: 'userMinutes', value: 558_000, needed: 900_000 },
  expectedStartAt: null,
};
const due = (minutes: number): RegulatoryClock => ({
  ...waiting,
  startedAt: at(minutes - 120),
  deadlineAt: at(minutes),
  lacking: null,
  progress: 1,
});

describe('a duty to report in words', () => {
  it.each([
    [waiting, 'not started', '62 % of 900,000 user-minutes'],
    [due(72), 'running', '1 h 12 min left'],
    [due(-30), 'overrun', 'since 30 min'],
  ])('%#', (clock, state, text) => {
    expect(clockWords(clock, NOW, false)).toMatchObject({ state, text });
  });

  it('says when it will start, while the incident lasts', () => {
    const soon = { ...waiting, expectedStartAt: at(20) };
    expect(clockWords(soon, NOW, false).text).toMatch(/user-minutes, starts \d\d:\d\d$/);
    expect(clockWords(soon, NOW, true).text).toMatch(/user-minutes$/);
  });

  it('never rounds up to all of what has not been reached', () => {
    const near = {
      ...waiting,
      lacking: { what: 'userMinutes' as const, value: 899_999, needed: 900_000 },
    };
    expect(clockWords(near, NOW, false).text).toContain('99 %');
  });
});
