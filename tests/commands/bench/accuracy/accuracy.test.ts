import { describe, expect, it } from 'vitest';
import { benchAccuracy } from '../../../../src/commands/bench/accuracy.js';

describe('bench accuracy', () => {
  it('refuses a part that it does not have, naming those it has', async () => {
    await expect(benchAccuracy({ scale: 1, only: 'scenarios,luck' })).rejects.toMatchObject({
      code: 'input.option',
      message: expect.stringMatching(/luck.*allowed: .*scenarios.*peers/),
    });
  });

  it("prints each part's figures under its name, in the form of every bench", async () => {
    const result = await benchAccuracy({ scale: 0.004, only: 'groupingSpeed' });
    expect(Object.keys(result.figures)).toEqual(['groupingSpeed']);
    expect(result).toMatchObject({ name: 'accuracy', better: 'higher', runs: 1 });
    expect(result.ratio).toBe(result.ratios?.['groupingSpeed.nLogNToTime']);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });
});
