import { afterAll, beforeAll, expect, it } from 'vitest';
import { measureFirstSms } from '../../../../src/commands/bench/notify/first-sms.js';
import { administer } from '../../../../src/commands/bench/notify/own-database.js';
import { type TestDatabase, testDatabase } from '../../../services/postgres.js';

let template: TestDatabase;
beforeAll(async () => {
  template = await testDatabase();
}, 300_000);
afterAll(async () => {
  await administer(template.url, ['drop database if exists tocsin_first_sms with (force)']);
  await template.close();
});

it('times every stage from the opening of an incident to the first SMS, and they add up', async () => {
  const options = { scale: 0.00125, templateUrl: template.url, progress: () => undefined };
  const { figures, broken } = await measureFirstSms(options);
  expect(broken).toBeUndefined();
  expect(figures.affected).toBeGreaterThan(1000);
  const stages = figures.stages as Record<string, number>;
  expect(Object.keys(stages)).toEqual(['decision', 'list', 'wave', 'expansion', 'handOver']);
  expect(Object.values(stages).every((seconds) => seconds > 0)).toBe(true);
  const sum = Object.values(stages).reduce((total, seconds) => total + seconds, 0);
  expect(figures.seconds).toBeCloseTo(sum, 2);
}, 300_000);
