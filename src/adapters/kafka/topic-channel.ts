import { TocsinError } from '../../domain/errors.js';
import type { News } from '../../domain/news.js';
import type { DeliveryOutcome, DeskChannel } from '../../forecast/desk/ports.js';
import type { RecordProducer } from './ports.js';

/** Writes news to a topic as JSON, keyed by what it is about, so that it stays in order. */
export class TopicChannel implements DeskChannel {
  readonly #topic: string;
  readonly #producer: RecordProducer;

  constructor(topic: string, producer: RecordProducer) {
    this.#topic = topic;
    this.#producer = producer;
  }

  async deliver(news: News): Promise<DeliveryOutcome> {
    try {
      await this.#producer.send(this.#topic, [{ key: news.alertId, value: JSON.stringify(news) }]);
      return { status: 'sent' };
    } catch (error) {
      const what = error instanceof Error ? error.message : 'not written';
      throw new TocsinError('unavailable.desk', what, { cause: error });
    }
  }

  close(): void {
    this.#producer.stop().catch(() => undefined);
  }
}
