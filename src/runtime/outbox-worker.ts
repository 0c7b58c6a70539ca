import type { Registry } from 'prom-client';
import { CHANNELS } from '../domain/customer.js';
import type { Sender, SmsGateway } from '../notify/ports.js';
import { type ChannelWay, ChannelWorker, type ChannelWorkerOptions } from './channel-worker.js';
import type { LiveEvent } from './decisions/ports.js';
import { MessageNews } from './message-news.js';
import { OutboxMetrics } from './outbox-metrics.js';
import { WaveExpander } from './wave-expander.js';

export interface OutboxWorkerOptions extends ChannelWorkerOptions {
  /** for SMS */
  readonly gateway: SmsGateway;
  readonly sender: Pick<Sender, 'name' | 'segmentsPerSecond'>;
  /** channels beside SMS, each with a pace of its own */
  readonly others?: readonly ChannelWay[];
  readonly metrics: Registry;
  /** hears that an incident's messages have moved on, about once a second at most */
  readonly publish: (event: LiveEvent) => void;
}

/**
 * Carries out what was decided: expands waves into messages, and has each channel hand over its own.
 * Any number of workers may run beside each other; a crash at any point leaves rows that say what is
 * known.
 */
export class OutboxWorker {
  readonly #expander: WaveExpander;
  readonly #news: MessageNews;
  readonly #channels: readonly ChannelWorker[];

  constructor(options: OutboxWorkerOptions) {
    const { network, publish, gateway, sender, others = [] } = options;
    this.#news = new MessageNews((id) =>
      publish({ type: 'messages', id, at: new Date(network.now()).toISOString() }),
    );
    this.#expander = new WaveExpander(options);
    const channels = CHANNELS.filter(
      (each) => each === 'sms' || others.some(({ channel }) => channel === each),
    );
    // What waits for a channel that is not set up any more is decided again by SMS.
    const left = CHANNELS.filter((each) => each === 'sms' || !channels.includes(each));
    const ways: ChannelWay[] = [
      { channel: 'sms', gateway, sender: { ...sender, channels: left } },
      ...others.map((each) => ({
        ...each,
        sender: { ...each.sender, channels: [each.channel] },
      })),
    ];
    const around = { channels, news: this.#news, metrics: new OutboxMetrics(options.metrics) };
    this.#channels = ways.map((way) => new ChannelWorker(options, way, around));
  }

  start(): void {
    this.#expander.start();
    for (const channel of this.#channels) channel.start();
  }

  /** Takes nothing more from the queue, waits for what is under way and writes its results. */
  async stop(): Promise<void> {
    await Promise.all([this.#expander, ...this.#channels].map((each) => each.stop()));
  }

  /** A receipt has come for some message. */
  received(): void {
    this.#news.moved();
  }
}
