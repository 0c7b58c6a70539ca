import type { FastifyPluginAsync } from 'fastify';
import { asGatewayConfig, type ChannelConfig } from '../adapters/http-sms/channel-config.js';
import type { HttpSmsConfig } from '../adapters/http-sms/http-sms-config.js';
import { HttpSmsGateway } from '../adapters/http-sms/http-sms-gateway.js';
import { isFromGateway, readInbound, readReceipts } from '../adapters/http-sms/http-sms-words.js';
import type { OtherPaces } from '../adapters/postgres/dry-run.js';
import { SmppGateway } from '../adapters/smpp/smpp-gateway.js';
import { TwilioGateway } from '../adapters/twilio/twilio-gateway.js';
import { readTwilioStatus } from '../adapters/twilio/twilio-status.js';
import { httpGatewayRoutes } from '../api/http-gateway-routes.js';
import { twilioRoutes } from '../api/twilio-routes.js';
import { type Config, durationMs, type GatewayConfig } from '../config.js';
import { CHANNELS, type Channel } from '../domain/customer.js';
import type { SenderKind } from '../notify/policy-channels.js';
import type { GatewayInbox, SmsGateway } from '../notify/ports.js';
import { senderKindOf } from '../notify/sender-kind.js';
import type { ChannelWay } from '../runtime/channel-worker.js';

/** Routes by which a gateway reports to us, over an inbox. */
export type GatewayRoutes = (inbox: GatewayInbox) => FastifyPluginAsync;

/** Routes by which the gateway of a channel reports. */
export interface ChannelRoutes {
  readonly channel: Channel;
  readonly routes: GatewayRoutes;
}

/** A gateway as configured. */
export interface ConfiguredGateway {
  readonly port: SmsGateway;
  readonly segmentsPerSecond: number;
  /** absent: it reports over its own connection */
  readonly routes?: GatewayRoutes;
}

/** The ways out of a configuration: SMS, and the channels beside it. */
export interface ConfiguredWays extends ConfiguredGateway {
  readonly others: readonly ChannelWay[];
  /** of all that report over HTTP */
  readonly allRoutes: readonly ChannelRoutes[];
}

/** Messages a second of a channel that says nothing of its pace. */
const MESSAGES_PER_SECOND = 10;

/** Segments a second of a gateway: a long code's where nothing is said. */
export function paceOf({ segmentsPerSecond = 1 }: GatewayConfig): number {
  return segmentsPerSecond;
}

/**
 * The gateway of a configuration; nothing is connected yet.
 * @param publicUrl where it reaches us
 * @throws TocsinError `input.config` for settings that contradict each other
 */
export function createGateway(config: GatewayConfig, publicUrl: string): ConfiguredGateway {
  const segmentsPerSecond = paceOf(config);
  const limit = config.timeout === undefined ? {} : { timeoutMs: durationMs(config.timeout) };
  switch (config.kind) {
    case 'twilio': {
      const { kind: _kind, segmentsPerSecond: _pace, timeout: _timeout, ...account } = config;
      const port = new TwilioGateway({ ...account, ...limit, publicUrl });
      return { port, segmentsPerSecond, routes: twilioCallbacks(account.authToken, publicUrl) };
    }
    case 'smpp': {
      const { kind: _kind, segmentsPerSecond: _pace, timeout: _timeout, ...rest } = config;
      const { enquireEvery, ...account } = rest;
      const enquire =
        enquireEvery === undefined ? {} : { enquireEveryMs: durationMs(enquireEvery) };
      return { port: new SmppGateway({ ...account, ...limit, ...enquire }), segmentsPerSecond };
    }
    case 'http': {
      const callbackUrl = callbackUrlOf(config, publicUrl, 'http');
      const port = new HttpSmsGateway({ config, ...limit, callbackUrl });
      return { port, segmentsPerSecond, routes: httpCallbacks(config, 'http') };
    }
  }
}

/**
 * All ways out of a configuration; undefined without a gateway for SMS. Nothing is connected yet.
 * @throws TocsinError `input.config` for settings that contradict each other
 */
export function createWays(
  { gateway, channels = {} }: Pick<Config, 'gateway' | 'channels'>,
  publicUrl: string,
): ConfiguredWays | undefined {
  if (gateway === undefined) return undefined;
  const sms = createGateway(gateway, publicUrl);
  const others = CHANNELS.flatMap((channel) => {
    const config = channel === 'sms' ? undefined : channels[channel];
    return config === undefined ? [] : [channelWay(channel, config, publicUrl)];
  });
  const own = sms.routes === undefined ? [] : [{ channel: 'sms' as const, routes: sms.routes }];
  const theirs = others.map(({ channel, routes }) => ({ channel, routes }));
  return { ...sms, others: others.map(({ way }) => way), allRoutes: [...own, ...theirs] };
}

function channelWay(channel: Channel, given: ChannelConfig, publicUrl: string) {
  const config = asGatewayConfig(given);
  const { timeout } = given;
  const gateway = new HttpSmsGateway({
    config,
    ...(timeout === undefined ? {} : { timeoutMs: durationMs(timeout) }),
    callbackUrl: callbackUrlOf(config, publicUrl, channel),
    title: `${channel} gateway`,
  });
  const sender = { name: channel, segmentsPerSecond: rateOf(given) };
  return {
    channel,
    way: { channel, gateway, sender },
    routes: httpCallbacks(config, channel),
  };
}

/** How fast the channels beside SMS of a configuration are. */
export function otherPacesOf({ channels = {} }: Pick<Config, 'channels'>): OtherPaces {
  const { push, email } = channels;
  return {
    ...(push === undefined ? {} : { push: rateOf(push) }),
    ...(email === undefined ? {} : { email: rateOf(email) }),
  };
}

function rateOf({ messagesPerSecond = MESSAGES_PER_SECOND }: ChannelConfig): number {
  return messagesPerSecond;
}

/** What SMS of a gateway come from; a messaging service is held to be of numbers. */
export function smsSenderOf(gateway: GatewayConfig): SenderKind {
  return gateway.from === undefined ? 'longNumber' : senderKindOf(gateway.from);
}

/** Twilio's callbacks: signed by the account's token for the exact public address. */
export function twilioCallbacks(authToken: string, publicUrl: string): GatewayRoutes {
  return (inbox) => twilioRoutes({ inbox, authToken, publicUrl, readStatus: readTwilioStatus });
}

function httpCallbacks(config: HttpSmsConfig, name: string): GatewayRoutes {
  return (inbox) =>
    httpGatewayRoutes({
      inbox,
      name,
      isFromGateway: (post) => isFromGateway(config, post),
      readReceipts: (text) => readReceipts(config, text),
      readInbound: (text) => readInbound(config, text),
    });
}

function callbackUrlOf({ token }: HttpSmsConfig, publicUrl: string, name: string): string {
  const query = token === undefined ? '' : `?token=${encodeURIComponent(token)}`;
  return `${publicUrl.replace(/\/$/, '')}/api/v1/gateway/${name}/status${query}`;
}
