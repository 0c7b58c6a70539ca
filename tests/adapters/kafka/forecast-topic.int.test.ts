import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { PostgresForecastPublications } from '../../../src/adapters/postgres/forecast-publications.js';
import { complaints } from '../../../src/adapters/rules/complaints.js';
import { ForecastMessage } from '../../../src/domain/forecast-message.js';
import { Forecaster } from '../../../src/forecast/forecaster.js';
import type { ForecastRules } from '../../../src/forecast/rules.js';
import { wallClock } from '../../../src/runtime/clock.js';
import { ForecastPublisher } from '../../../src/runtime/forecast-publisher.js';
import { Health } from '../../../src/runtime/health.js';
import { loadOf, NOW_MS } from '../../forecast/basis.js';
import { forecastRules } from '../../forecast/shipped-rules.js';
import { hasKafka, sharedKafka } from '../../services/kafka/shared.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';
import { followTopic } from './follow-topic.js';
import { busFor, silent, TestTopics } from './test-topics.js';

const HOUR = 3_600_000;
const rules: ForecastRules = { ...forecastRules, intervalSeconds: 3600, horizonHours: 12 };

describe.skipIf(!(await hasKafka()))('the forecast topic on a real broker', async () => {
  const { brokers } = await sharedKafka();
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database?.close());

  /** Issues a real forecast of two queues, with an incident. */
  async function issue(nowMs: number): Promise<void> {
    const forecaster = new Forecaster(rules);
    for (const queue of ['care', 'sales']) {
      forecaster.observe(
        Array.from({ length: 400 }, (_, n) => ({
          queue,
          start: new Date(NOW_MS - (n + 1) * HOUR).toISOString(),
          intervalSeconds: 3600,
          offered: 40 + (n % 7),
        })),
      );
    }
    const { intervals } = forecaster.forecast(nowMs, [loadOf(20_000)]);
    for (const queue of ['care', 'sales']) {
      await database.pool.query('insert into forecasts values ($1, $2, $3)', [
        queue,
        new Date(nowMs),
        JSON.stringify(intervals.filter((each) => each.queue === queue)),
      ]);
    }
  }

  const publisher = (topic: string) =>
    new ForecastPublisher({
      topic,
      producer: busFor({ brokers }).producer(),
      publications: new PostgresForecastPublications(database.pool),
      isLeading: () => true,
      health: new Health(wallClock, wallClock),
      log: silent,
    });

  test('carries the newest forecast of each queue, keyed by it and as its schema says', async () => {
    const topic = await new TestTopics(brokers).create();
    const came = followTopic(brokers, topic);

    await issue(NOW_MS);
    await issue(NOW_MS + HOUR);
    const first = publisher(topic);
    expect(await first.turn()).toBe('busy');
    expect(await first.turn()).toBe('idle');
    await issue(NOW_MS + 2 * HOUR);
    await first.stop();
    const next = publisher(topic);
    expect(await next.turn()).toBe('busy');
    await next.stop();
    await vi.waitFor(() => expect(came).toHaveLength(4), { timeout: 30_000 });

    const messages = came.map(({ value }) => JSON.parse(value) as ForecastMessage);
    for (const message of messages) expect(complaints(ForecastMessage, message)).toEqual([]);
    const issuedAt = [1, 1, 2, 2].map((hours) => new Date(NOW_MS + hours * HOUR).toISOString());
    expect(messages.map((each) => each.issuedAt)).toEqual(issuedAt);
    expect(came.map(({ key }) => key)).toEqual(['care', 'sales', 'care', 'sales']);
    expect(messages.map(({ queue }) => queue)).toEqual(came.map(({ key }) => key));
    expect(new Set(messages.map(({ forecastId }) => forecastId)).size).toBe(4);
    expect(messages[0]?.intervals).toHaveLength(12);
    expect(messages[0]?.intervals.some(({ surge }) => surge > 0)).toBe(true);
  });
});
