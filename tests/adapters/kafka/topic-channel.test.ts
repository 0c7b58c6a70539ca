import { expect, it } from 'vitest';
import { TopicChannel } from '../../../src/adapters/kafka/topic-channel.js';
import { TocsinError } from '../../../src/domain/errors.js';
import type { News } from '../../../src/domain/news.js';

const news = { alertId: 'partner_1', deliveryId: 'news_1', kind: 'onset' } as unknown as News;

it('writes news under what it is about, and says that it may be tried again when it cannot', async () => {
  const sent: unknown[] = [];
  const channel = new TopicChannel('incidents', {
    send: async (topic, records) => {
      if (sent.length > 0) throw new TocsinError('unavailable.kafka', 'Kafka: no broker');
      sent.push([topic, records]);
    },
    stop: async () => undefined,
  });
  expect(await channel.deliver(news)).toEqual({ status: 'sent' });
  expect(sent).toEqual([['incidents', [{ key: 'partner_1', value: JSON.stringify(news) }]]]);
  await expect(channel.deliver(news)).rejects.toMatchObject({ code: 'unavailable.desk' });
  channel.close();
});
