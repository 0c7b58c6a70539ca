import Type, { type Static } from 'typebox';
import { checkHttpSms, HttpSmsConfig } from './http-sms-config.js';

const {
  kind: _kind,
  from: _from,
  segmentsPerSecond: _pace,
  inbound: _inbound,
  region: _region,
  ...described
} = HttpSmsConfig.properties;

/** Push or e-mail by the HTTP interface of what sends it, described as an SMS gateway is. */
export const ChannelConfig = Type.Object(
  {
    ...described,
    from: Type.Optional(Type.String({ minLength: 1, description: 'the sender, as {from}' })),
    messagesPerSecond: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  },
  { additionalProperties: false },
);
export type ChannelConfig = Static<typeof ChannelConfig>;

/** The channels beside SMS. */
export const ChannelsConfig = Type.Object(
  { push: Type.Optional(ChannelConfig), email: Type.Optional(ChannelConfig) },
  { additionalProperties: false, description: 'channels beside SMS, used next to the gateway' },
);
export type ChannelsConfig = Static<typeof ChannelsConfig>;

/** What a message beside SMS has more. */
const MORE_PLACES = ['title', 'language', 'kind', 'subscriberId', 'account'];

/** A channel as the gateway it is. */
export function asGatewayConfig({
  messagesPerSecond: _rate,
  ...rest
}: ChannelConfig): HttpSmsConfig {
  return { ...rest, kind: 'http', from: rest.from ?? '' };
}

/** What the schema cannot say of the channels; paths start from `channels`. */
export function checkChannels(
  channels: ChannelsConfig,
  hasGateway: boolean,
): { readonly path: readonly string[]; readonly message: string }[] {
  const found = Object.entries(channels).flatMap(([name, config]) =>
    checkHttpSms(asGatewayConfig(config), MORE_PLACES).map(({ path, message }) => ({
      path: [name, ...path],
      message,
    })),
  );
  if (hasGateway || Object.keys(channels).length === 0) return found;
  const message = 'stand beside no gateway, allowed: next to one for SMS';
  return [...found, { path: [], message }];
}
