import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { answerWhatIf, type WhatIfQuestion } from '../../src/service/what-if-answer.js';
import { WhatIfThread } from '../../src/service/what-if-thread.js';
import { basisOf, loadOf, NOW_MS } from '../forecast/basis.js';
import { forecastRules as rules } from '../forecast/shipped-rules.js';

const log = pino({ level: 'silent' });
const basis = JSON.stringify(basisOf([loadOf(20_000)]));
const at = new Date(NOW_MS).toISOString();
const question: WhatIfQuestion = {
  basis,
  rules,
  asked: { hours: 2, scenarios: [{ name: 'told', notify: { at } }] },
};

let thread: WhatIfThread;
afterEach(() => thread.close());

describe('WhatIfThread', () => {
  it('answers as would be answered here, several one after the other', async () => {
    thread = new WhatIfThread(log);
    const here = answerWhatIf(question);
    expect(await Promise.all([thread.ask(question), thread.ask(question)])).toEqual([here, here]);
  });

  it('refuses what the forecast does not hold, and goes on', async () => {
    thread = new WhatIfThread(log);
    const scenarios = [{ name: 'x', repair: { incidentId: 'inc-9', at } }];
    const wrong = { ...question, asked: { hours: 2, scenarios } };
    await expect(thread.ask(wrong)).rejects.toMatchObject({
      code: 'input.payload',
      message: expect.stringContaining('those that do are inc-1'),
    });
    expect(await thread.ask(question)).toBeDefined();
  });

  it('cuts off what takes too long, saying what to do, and those that wait behind it', async () => {
    // no thread begins within a millisecond
    thread = new WhatIfThread(log, 1);
    const answers = await Promise.allSettled([thread.ask(question), thread.ask(question)]);
    for (const each of answers) {
      expect(each).toMatchObject({
        status: 'rejected',
        reason: { code: 'overloaded', message: expect.stringMatching(/1 courses.*2 h.*fewer/) },
      });
    }
  });

  it('takes no more than a few at once', async () => {
    thread = new WhatIfThread(log);
    const all = await Promise.allSettled(Array.from({ length: 8 }, () => thread.ask(question)));
    const refused = all.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(2);
    expect(refused[0]).toMatchObject({ reason: { code: 'overloaded' } });
  });
});
