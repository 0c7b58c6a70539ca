import { createKafkaBus, type KafkaOptions } from '../adapters/kafka/client.js';
import { TopicChannel } from '../adapters/kafka/topic-channel.js';
import { MailChannel } from '../adapters/smtp/mail-channel.js';
import { WebhookChannel } from '../adapters/webhook/webhook-channel.js';
import { TocsinError } from '../domain/errors.js';
import type { DeskConfig } from '../forecast/desk/config.js';
import type { DeskChannel } from '../forecast/desk/ports.js';
import {
  channelsOf,
  type Partner,
  type PartnerChannel,
  partnerRecipient,
} from '../notify/partners/rules.js';
import { wallClock } from '../runtime/clock.js';
import type { Logger } from '../runtime/log.js';
import type { Rules } from './rules.js';

const LEAST_SECRET = 16;

/** The systems of the installation that partners are reached through. */
export interface PartnerWays {
  readonly config: Pick<DeskConfig, 'smtp'>;
  readonly kafka?: KafkaOptions | undefined;
}

/**
 * The ways to each partner, by name of the recipient. Opens no connection yet.
 * @throws TocsinError `input.config` for a way that the configuration has nothing for
 */
export function partnerChannels(
  { partners, forecast }: Pick<Rules, 'partners' | 'forecast'>,
  ways: PartnerWays,
  log: Logger,
): [string, DeskChannel][] {
  return partners.partners.flatMap((partner) =>
    channelsOf(partner).map((channel): [string, DeskChannel] => [
      partnerRecipient(partner, channel),
      channelTo(partner, channel, { ...ways, zone: forecast.zone, log }),
    ]),
  );
}

function channelTo(
  partner: Partner,
  channel: PartnerChannel,
  { config: { smtp }, kafka, zone, log }: PartnerWays & { zone: string; log: Logger },
): DeskChannel {
  const { name, email, webhook, secret, token, topic, language = 'en' } = partner;
  if (channel === 'email' && email !== undefined && smtp !== undefined) {
    return new MailChannel(smtp, { to: email, language, zone });
  }
  if (channel === 'topic' && topic !== undefined && kafka !== undefined) {
    return new TopicChannel(topic, createKafkaBus(kafka, log).producer());
  }
  const isSigned = secret === undefined || secret.length >= LEAST_SECRET;
  if (channel === 'webhook' && webhook !== undefined && URL.canParse(webhook) && isSigned) {
    return new WebhookChannel({ url: webhook, secret, token, now: () => wallClock.now() });
  }
  const needs = {
    email: 'needs desk.smtp of the configuration, which sends it',
    topic: 'needs sources.kafka of the configuration, whose brokers are used',
    webhook: `needs an address that is a URL, and a secret of at least ${LEAST_SECRET} characters`,
  };
  throw new TocsinError('input.config', `partners.yaml: ${channel} of "${name}" ${needs[channel]}`);
}
