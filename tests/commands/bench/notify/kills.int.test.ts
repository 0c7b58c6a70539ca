import { afterAll, beforeAll, expect, it } from 'vitest';
import { killRounds } from '../../../../src/commands/bench/notify/kill-rounds.js';
import { loadRules } from '../../../../src/service/rules.js';
import { type TestDatabase, testDatabase } from '../../../services/postgres.js';

const SLOTS = 25;
const ROUNDS = 2;

let template: TestDatabase;
beforeAll(async () => {
  template = await testDatabase();
}, 300_000);
afterAll(() => template.close());

it('tells nobody twice and loses nobody, whenever a process is killed and however the gateway fails', async () => {
  const verdicts = await killRounds({
    templateUrl: template.url,
    rules: loadRules(),
    slots: SLOTS,
    rounds: ROUNDS,
    firstSeed: 1,
  });
  expect(verdicts).toHaveLength(SLOTS * ROUNDS);
  expect(verdicts.filter(({ twice, open, wrong }) => twice + open + wrong > 0)).toEqual([]);
  const sent = verdicts.reduce((sum, each) => sum + each.sent, 0);
  expect(sent).toBeGreaterThan(6 * verdicts.length);
}, 300_000);
