import { pino } from 'pino';
import { afterAll, describe, expect, it } from 'vitest';
import { CHARACTERS, simulateQueue } from '../../src/commands/bench/forecast/simulated-queues.js';
import { fitPattern } from '../../src/forecast/ordinary/ports.js';
import { PatternThread } from '../../src/service/pattern-thread.js';

const thread = new PatternThread(pino({ level: 'silent' }));
afterAll(() => thread.close());

describe('PatternThread', () => {
  it('learns in its thread what would be learnt here', async () => {
    const [character] = CHARACTERS;
    if (!character) throw new RangeError('no simulated queue');
    const history = simulateQueue({ ...character, days: 30 }, 3600, 1);
    const sample = { history, holidays: [19_360], origin: (history.dayNumbers.at(-1) ?? 0) + 1 };
    expect(await thread.fit(sample)).toEqual(fitPattern(sample));
  });
});
