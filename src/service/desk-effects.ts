import type pg from 'pg';
import type { Registry } from 'prom-client';
import { createKafkaBus, type KafkaOptions } from '../adapters/kafka/client.js';
import { PostgresDeliveryQueue } from '../adapters/postgres/delivery-queue.js';
import { PostgresForecastPublications } from '../adapters/postgres/forecast-publications.js';
import { PostgresForecastRecord } from '../adapters/postgres/forecast-record.js';
import { MailChannel } from '../adapters/smtp/mail-channel.js';
import { WebhookChannel } from '../adapters/webhook/webhook-channel.js';
import { acknowledgeLink } from '../api/acknowledge-link.js';
import { TocsinError } from '../domain/errors.js';
import type { DeskConfig, DeskRecipient } from '../forecast/desk/config.js';
import type { DeskChannel } from '../forecast/desk/ports.js';
import { type Clock, wallClock } from '../runtime/clock.js';
import { DeskWorker } from '../runtime/desk-worker.js';
import { ForecastPublisher } from '../runtime/forecast-publisher.js';
import { ForecastRecorder } from '../runtime/forecast-recorder.js';
import type { Health } from '../runtime/health.js';
import type { Logger } from '../runtime/log.js';
import { partnerChannels } from './partner-channels.js';
import type { Rules } from './rules.js';

const LEAST_SECRET = 16;

/** Who is told of surges, and how this installation is reached by them. */
export interface DeskSetup {
  readonly config: DeskConfig;
  readonly publicUrl: string;
  /** keys the links by which recipients acknowledge */
  readonly acknowledgeKey: string;
  /** the cluster that forecasts are published to, if any */
  readonly kafka?: KafkaOptions;
}

export interface DeskEffectsOptions {
  readonly pool: pg.Pool;
  readonly rules: Rules;
  readonly network: Clock;
  readonly isLeading: () => boolean;
  readonly desk?: DeskSetup;
  readonly health: Health;
  readonly log: Logger;
  readonly metrics: Registry;
}

interface Worker {
  start(): void;
  stop(): Promise<void>;
}

/** News to the call centre and to partners, published forecasts; and the record of those. */
export class DeskEffects {
  readonly #workers: readonly Worker[];

  constructor(options: DeskEffectsOptions) {
    const { desk } = options;
    const alerts = desk && alertsOf(options, desk);
    const publisher = desk && publisherOf(options, desk);
    this.#workers = [
      recorderOf(options),
      ...(alerts ? [alerts] : []),
      ...(publisher ? [publisher] : []),
    ];
  }

  start(): void {
    for (const worker of this.#workers) worker.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()));
  }
}

function recorderOf({ pool, rules, network, isLeading, health, log }: DeskEffectsOptions): Worker {
  return new ForecastRecorder({
    record: new PostgresForecastRecord(pool),
    keepDays: rules.desk.record.keepDays,
    now: () => network.now(),
    isLeading,
    health,
    log,
  });
}

function publisherOf(
  { pool, isLeading, health, log }: DeskEffectsOptions,
  { config, kafka }: DeskSetup,
): Worker | undefined {
  const { forecastTopic: topic } = config;
  if (topic === undefined || kafka === undefined) return undefined;
  return new ForecastPublisher({
    topic,
    producer: createKafkaBus(kafka, log).producer(),
    publications: new PostgresForecastPublications(pool),
    isLeading,
    health,
    log,
  });
}

function alertsOf(
  { pool, rules, health, log, metrics }: DeskEffectsOptions,
  desk: DeskSetup,
): DeskWorker | undefined {
  const { recipients = [] } = desk.config;
  if (recipients.length + rules.partners.partners.length === 0) return undefined;
  const link = { publicUrl: desk.publicUrl, key: desk.acknowledgeKey };
  return new DeskWorker({
    queue: new PostgresDeliveryQueue(pool),
    channels: new Map([
      ...recipients.map(
        (each) => [each.name, channelOf(each, desk.config, rules.forecast.zone)] as const,
      ),
      ...partnerChannels(rules, desk, log),
    ]),
    acknowledgeUrl: (alertId, recipient) => acknowledgeLink(link, alertId, recipient),
    giveUpMs: rules.desk.delivery.giveUpMinutes * 60_000,
    now: () => wallClock.now(),
    health,
    log,
    metrics,
  });
}

/** @throws TocsinError `input.config` for a recipient that the configuration should have refused */
export function channelOf(
  { name, email, webhook, secret = '', language = 'en' }: DeskRecipient,
  { smtp }: DeskConfig,
  zone: string,
): DeskChannel {
  if (email !== undefined && smtp !== undefined) {
    return new MailChannel(smtp, { to: email, language, zone });
  }
  if (webhook !== undefined && secret.length >= LEAST_SECRET && URL.canParse(webhook)) {
    return new WebhookChannel({ url: webhook, secret, now: () => wallClock.now() });
  }
  throw new TocsinError(
    'input.config',
    `desk.recipients "${name}": allowed are an e-mail with desk.smtp, or a webhook whose address is a URL and whose secret has at least ${LEAST_SECRET} characters`,
  );
}
