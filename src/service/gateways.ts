import type { FastifyPluginAsync } from 'fastify';
import type { HttpSmsConfig } from '../adapters/http-sms/http-sms-config.js';
import { HttpSmsGateway } from '../adapters/http-sms/http-sms-gateway.js';
import { isFromGateway, readInbound, readReceipts } from '../adapters/http-sms/http-sms-words.js';
import { SmppGateway } from '../adapters/smpp/smpp-gateway.js';
import { TwilioGateway } from '../adapters/twilio/twilio-gateway.js';
import { readTwilioStatus } from '../adapters/twilio/twilio-status.js';
import { httpGatewayRoutes } from '../api/http-gateway-routes.js';
import { twilioRoutes } from '../api/twilio-routes.js';
import { durationMs, type GatewayConfig } from '../config.js';
import type { GatewayInbox, SmsGateway } from '../notify/ports.js';

/** Routes by which a gateway reports to us, over an inbox. */
export type GatewayRoutes = (inbox: GatewayInbox) => FastifyPluginAsync;

/** A gateway as configured. */
export interface ConfiguredGateway {
  readonly port: SmsGateway;
  readonly segmentsPerSecond: number;
  /** absent: it reports over its own connection */
  readonly routes?: GatewayRoutes;
}

const HTTP_STATUS_PATH = '/api/v1/gateway/http/status';

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
      const callbackUrl = callbackUrlOf(config, publicUrl);
      const port = new HttpSmsGateway({ config, ...limit, callbackUrl });
      return { port, segmentsPerSecond, routes: httpCallbacks(config) };
    }
  }
}

/** Twilio's callbacks: signed by the account's token for the exact public address. */
export function twilioCallbacks(authToken: string, publicUrl: string): GatewayRoutes {
  return (inbox) => twilioRoutes({ inbox, authToken, publicUrl, readStatus: readTwilioStatus });
}

function httpCallbacks(config: HttpSmsConfig): GatewayRoutes {
  return (inbox) =>
    httpGatewayRoutes({
      inbox,
      isFromGateway: (post) => isFromGateway(config, post),
      readReceipts: (text) => readReceipts(config, text),
      readInbound: (text) => readInbound(config, text),
    });
}

function callbackUrlOf({ token }: HttpSmsConfig, publicUrl: string): string {
  const query = token === undefined ? '' : `?token=${encodeURIComponent(token)}`;
  return `${publicUrl.replace(/\/$/, '')}${HTTP_STATUS_PATH}${query}`;
}
