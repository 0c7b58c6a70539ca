import { describe, expect, it } from 'vitest';
import { ResourceSlots } from '../../src/correlate/resource-slots.js';

describe('ResourceSlots', () => {
  it('numbers resources in the order in which they are first mentioned', () => {
    const slots = new ResourceSlots(10);
    expect([7, 0, 7, 3].map((resource) => slots.put(resource))).toEqual([0, 1, 0, 2]);
    expect(slots.size).toBe(3);
    expect([0, 1, 2, 3].map((slot) => slots.at(slot))).toEqual([7, 0, 3, -1]);
    expect([7, 0, 3, 4].map((resource) => slots.of(resource))).toEqual([0, 1, 2, -1]);
  });

  it('knows nothing of what was mentioned before it was cleared', () => {
    const slots = new ResourceSlots(10);
    for (const resource of [7, 0, 3]) slots.put(resource);
    slots.clear();
    expect([slots.size, slots.of(7), slots.at(0)]).toEqual([0, -1, -1]);
    slots.put(3);
    expect([7, 0, 3].map((resource) => slots.of(resource))).toEqual([-1, -1, 0]);
  });
});
