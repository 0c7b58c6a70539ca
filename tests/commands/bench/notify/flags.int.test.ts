import { afterAll, beforeAll, expect, it } from 'vitest';
import { measureFlags } from '../../../../src/commands/bench/notify/flags.js';
import { administer } from '../../../../src/commands/bench/notify/own-database.js';
import { type TestDatabase, testDatabase } from '../../../services/postgres.js';

let template: TestDatabase;
beforeAll(async () => {
  template = await testDatabase();
}, 300_000);
afterAll(async () => {
  await administer(template.url, ['drop database if exists tocsin_flags with (force)']);
  await template.close();
});

it('measures flags one by one and in bulk, beside the same requests alone', async () => {
  const options = { scale: 0.01, templateUrl: template.url, progress: () => undefined };
  const { figures, baseline, ratios } = await measureFlags(options);
  expect(figures.flags).toBe(500);
  const ours = figures.perSecond as Record<string, number>;
  const bare = baseline?.perSecond as Record<string, number>;
  for (const way of ['single', 'bulk']) {
    expect(ours[way]).toBeGreaterThan(0);
    expect(ratios?.[way]).toBeCloseTo((ours[way] ?? 0) / (bare[way] ?? 0), 1);
  }
}, 300_000);
