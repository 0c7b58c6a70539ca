import type { ForecastMessage } from '../domain/forecast-message.js';
import { contentId } from '../domain/ids.js';
import type { Health } from './health.js';
import type { Logger } from './log.js';
import { Loop, type Turn } from './loop.js';
import type { ForecastPublications, PublishedForecast } from './ports.js';

const IDLE_MS = 1_000;

/** Where forecasts are written. */
export interface ForecastTopic {
  /** Resolves once all records are durable there. @throws TocsinError `unavailable.kafka` */
  send(
    topic: string,
    records: readonly { readonly key: string; readonly value: string }[],
  ): Promise<void>;
  stop(): Promise<void>;
}

export interface ForecastPublisherOptions {
  readonly topic: string;
  readonly producer: ForecastTopic;
  readonly publications: ForecastPublications;
  /** only the leader's instance works */
  readonly isLeading: () => boolean;
  readonly health: Health;
  readonly log: Logger;
}

/**
 * Writes the newest forecast of each queue to a topic. Those that a broker missed while it was away
 * are passed over for newer ones; after a crash in between the same record comes again, under the
 * same id. The decisions never wait for it.
 */
export class ForecastPublisher {
  readonly #options: ForecastPublisherOptions;
  readonly #loop: Loop;

  constructor(options: ForecastPublisherOptions) {
    this.#options = options;
    const { topic, health, log } = options;
    const turn = (): Promise<Turn> => this.turn();
    this.#loop = new Loop({ name: `forecast topic ${topic}`, idleMs: IDLE_MS, turn, health, log });
  }

  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#options.producer.stop();
  }

  /** What the topic lacks, of some queues. @throws TocsinError `unavailable.kafka` */
  async turn(): Promise<Turn> {
    const { topic, producer, publications, isLeading } = this.#options;
    if (!isLeading()) return 'idle';
    const forecasts = await publications.lacking(topic);
    if (forecasts.length === 0) return 'idle';
    await producer.send(topic, forecasts.map(recordOf));
    await publications.published(topic, forecasts);
    return 'busy';
  }
}

function recordOf({ queue, issuedAtMs, intervals }: PublishedForecast) {
  const message: ForecastMessage = {
    schemaVersion: 1,
    forecastId: contentId('forecast', queue, issuedAtMs),
    queue,
    issuedAt: new Date(issuedAtMs).toISOString(),
    intervals: [...intervals],
  };
  return { key: queue, value: JSON.stringify(message) };
}
