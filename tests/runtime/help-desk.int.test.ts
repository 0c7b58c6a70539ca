import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresHelpAnswers } from '../../src/adapters/postgres/help-answers.js';
import type { OutgoingSms, SendResult } from '../../src/notify/ports.js';
import { HelpDesk } from '../../src/runtime/help-desk.js';
import { createLog } from '../../src/runtime/log.js';
import { insertSubscribers, numberOf, SECRET, texts } from '../services/customers.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';

let database: TestDatabase;
let sent: OutgoingSms[];
beforeAll(async () => {
  database = await testDatabase();
  await insertSubscribers(database.pool, [
    { id: 1, language: 'en' },
    { id: 2, language: 'fr' },
  ]);
});
afterAll(() => database.close());
beforeEach(async () => {
  sent = [];
  await database.pool.query('truncate help_answers, settings');
});

const desk = (result: SendResult = { status: 'accepted', gatewayId: 'g' }): HelpDesk =>
  new HelpDesk({
    answers: new PostgresHelpAnswers(database.pool, SECRET),
    send: async (sms) => {
      sent.push(sms);
      return result;
    },
    textOf: (language) => texts.helpText(language),
    languageOf: (body) => texts.replies.languageOf(body),
    log: createLog('silent'),
  });

describe('somebody who asks who is writing', () => {
  it('is answered in the language of the word, else in theirs, with how to opt out', async () => {
    expect(await desk().answer({ from: numberOf(1), body: 'help' })).toBe(true);
    expect(await desk().answer({ from: numberOf(2), body: 'Aide' })).toBe(true);
    expect(await desk().answer({ from: '+33699999999', body: 'HELP' })).toBe(true);
    expect(sent.map(({ to }) => to)).toEqual([numberOf(1), numberOf(2), '+33699999999']);
    expect(sent[0]?.text).toMatch(/^Tocsin Mobile tells you .* reply STOP\.$/);
    expect(sent[1]?.text).toContain('répondez STOP');
    // nobody knows what a stranger reads: the default language
    expect(sent[2]?.text).toBe(sent[1]?.text);
  });

  it('is answered once an hour, even if the answer is lost', async () => {
    const lost = desk({ status: 'unknown', reason: 'time-out' });
    expect(await lost.answer({ from: numberOf(1), body: 'HELP' })).toBe(false);
    expect(await desk().answer({ from: numberOf(1), body: 'HELP' })).toBe(false);
    expect(sent).toHaveLength(1);
    await database.pool.query(`update help_answers set at = at - interval '61 minutes'`);
    expect(await desk().answer({ from: numberOf(1), body: 'HELP' })).toBe(true);
    expect(new Set(sent.map(({ messageId }) => messageId)).size).toBe(2);
  });

  it('is not answered twice where the gateway does it, nor while messages are stopped', async () => {
    expect(await desk().answer({ from: numberOf(1), body: 'HELP', isAnswered: true })).toBe(false);
    await database.pool.query(`insert into settings (key, value) values ('killSwitch', 'true')`);
    expect(await desk().answer({ from: numberOf(1), body: 'HELP' })).toBe(false);
    expect(sent).toEqual([]);
  });
});
