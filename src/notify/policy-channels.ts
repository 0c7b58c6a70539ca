import Type, { type Static } from 'typebox';
import { Channel } from '../domain/customer.js';

const closed = { additionalProperties: false } as const;
const Money = Type.Union([Type.Number({ minimum: 0 }), Type.Null()]);

/** What is done with somebody whom none of their channels reaches now, and after a failure. */
const common = {
  whenLost: Type.Union([Type.Literal('handOver'), Type.Literal('hold')], {
    description:
      'handOver: its gateway keeps it as long as it is valid; hold: it stays here until the channel can arrive',
  }),
  fallback: Type.Union(
    [Type.Literal('never'), Type.Literal('whenRefused'), Type.Literal('whenFailed')],
    {
      description:
        'when the next channel of somebody is used: whenRefused, its gateway never took it; whenFailed, also when it says later that it did not arrive',
    },
  ),
};

/** Push or e-mail: a message is one, whatever its length. */
const MessageChannel = Type.Object(
  {
    ...common,
    maxCharacters: Type.Integer({ minimum: 20, maximum: 10_000 }),
    perMessage: Type.Number({ minimum: 0, description: 'price of one, in budget.currency' }),
    perIncident: Money,
    perMonth: Money,
  },
  closed,
);

/** Channels as a preference: each once, the most wanted first. */
export const ChannelOrder = Type.Array(Channel, { minItems: 1, uniqueItems: true });

/** By which channel somebody is written to. */
export const ChannelsPolicy = Type.Object(
  {
    default: {
      ...ChannelOrder,
      description: 'of people whose own channels were not imported, the most wanted first',
    },
    sms: Type.Object(common, closed),
    push: MessageChannel,
    email: MessageChannel,
  },
  closed,
);
export type ChannelsPolicy = Static<typeof ChannelsPolicy>;

/** What a sender is, as far as the people it writes to are concerned. */
export const SenderKind = Type.Union([
  Type.Literal('alphanumeric'),
  Type.Literal('longNumber'),
  Type.Literal('shortCode'),
]);
export type SenderKind = Static<typeof SenderKind>;

const Reply = Type.String({
  minLength: 1,
  maxLength: 60,
  description: '`reply`: STOP answers the sender; otherwise the words that say how else',
});
const Words = { ...Reply, description: 'the words that say how; nobody can answer it' };

/** How somebody opts out, by what writes to them. */
export const OptOutPolicy = Type.Object(
  { alphanumeric: Words, longNumber: Reply, shortCode: Reply, push: Words, email: Words },
  closed,
);
export type OptOutPolicy = Static<typeof OptOutPolicy>;
