import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { TopicChannel } from '../../../src/adapters/kafka/topic-channel.js';
import type { News } from '../../../src/domain/news.js';
import { hasKafka, sharedKafka } from '../../services/kafka/shared.js';
import { followTopic } from './follow-topic.js';
import { busFor, TestTopics } from './test-topics.js';

describe.skipIf(!(await hasKafka()))("a partner's topic on a real broker", async () => {
  const { brokers } = await sharedKafka();

  test('carries news in the order of what is told, keyed by what it is about', async () => {
    const topic = await new TestTopics(brokers).create();
    const channel = new TopicChannel(topic, busFor({ brokers }).producer());
    onTestFinished(() => channel.close());
    const news = ['onset', 'change', 'restored'].map(
      (kind) => ({ alertId: 'partner_1', deliveryId: kind, kind }) as unknown as News,
    );
    for (const each of news) expect(await channel.deliver(each)).toEqual({ status: 'sent' });
    const came = followTopic(brokers, topic);
    await vi.waitFor(() => expect(came).toHaveLength(3), { timeout: 30_000 });
    expect(came).toEqual(news.map((each) => ({ key: 'partner_1', value: JSON.stringify(each) })));
  });
});
