import { describe, expect, it } from 'vitest';
import { MessageNews } from '../../src/runtime/message-news.js';

function news() {
  const told: string[] = [];
  const made = new MessageNews((id) => told.push(id), 1000);
  return { made, taken: () => told.splice(0) };
}

describe('MessageNews', () => {
  it('tells of an incident at most once a second, and never forgets the last word', () => {
    const { made, taken } = news();
    const told: number[] = [];
    for (let nowMs = 0; nowMs <= 2500; nowMs += 100) {
      if (nowMs <= 1500) made.left(['a'], nowMs);
      made.tell(nowMs);
      if (taken().length > 0) told.push(nowMs);
    }
    expect(told).toEqual([0, 1000, 2000]);
  });

  it('takes results and receipts to be about every incident that had messages lately', () => {
    const { made, taken } = news();
    made.left(['a', 'b'], 0);
    made.tell(0);
    expect(taken()).toEqual(['a', 'b']);
    made.tell(5000);
    expect(taken()).toEqual([]);
    made.moved();
    made.tell(6000);
    expect(taken()).toEqual(['a', 'b']);
    made.left(['b'], 590_000);
    made.tell(601_000);
    expect(taken()).toEqual(['b']);
    made.moved();
    made.tell(603_000);
    expect(taken()).toEqual(['b']);
  });
});
