import { describe, expect, it } from 'vitest';
import { LogicalClock } from '../../simulators/clock.js';

describe('logical clock', () => {
  it('runs tasks in order of time then of scheduling, those they schedule included', async () => {
    const clock = new LogicalClock(1_000);
    const ran: string[] = [];
    const note = (name: string) => (): void => void ran.push(`${name}@${clock.nowMs()}`);
    clock.at(1_300, note('late'));
    clock.at(1_100, () => {
      note('first')();
      clock.at(1_150, note('nested'));
    });
    clock.at(1_100, note('second'));
    clock.at(5_000, note('beyond'));
    await clock.advance(500);
    expect(ran).toEqual(['first@1100', 'second@1100', 'nested@1150', 'late@1300']);
    expect(clock.nowMs()).toBe(1_500);
    expect(clock.pending).toBe(1);
  });

  it('does not run what was cancelled and keeps order over many tasks', async () => {
    const clock = new LogicalClock(0);
    const ran: number[] = [];
    const cancels = Array.from({ length: 500 }, (_, i) => {
      const at = (i * 7_919) % 500;
      return clock.at(at, () => void ran.push(at));
    });
    cancels.forEach((cancel, i) => {
      if (i % 3 === 0) cancel();
    });
    await clock.advance(1_000);
    expect(ran).toHaveLength(500 - 167);
    expect(ran).toEqual([...ran].sort((a, b) => a - b));
  });
});
