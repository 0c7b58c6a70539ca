import Type from 'typebox';

const closed = { additionalProperties: false } as const;
const TypeOrPlan = Type.Integer({ minimum: 0, maximum: 255 });
const Span = Type.String({ pattern: '^[0-9]+(ms|s)$' });

/** `gateway` of the configuration for an SMS centre of one's own (SMPP 3.4). */
export const SmppConfig = Type.Object(
  {
    kind: Type.Literal('smpp'),
    host: Type.String({ minLength: 1 }),
    port: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 65_535, description: 'default 2775, with tls 3550' }),
    ),
    tls: Type.Optional(
      Type.Object(
        {
          ca: Type.Optional(Type.String({ description: 'PEM of who signed its certificate' })),
          rejectUnauthorized: Type.Optional(Type.Boolean()),
        },
        closed,
      ),
    ),
    systemId: Type.String({ minLength: 1, maxLength: 15 }),
    password: Type.String({ maxLength: 64 }),
    systemType: Type.Optional(Type.String({ maxLength: 12 })),
    bind: Type.Optional(
      Type.Union([Type.Literal('transceiver'), Type.Literal('pair')], {
        description: 'pair: a transmitter and a receiver; default transceiver',
      }),
    ),
    from: Type.String({
      minLength: 1,
      maxLength: 20,
      description: 'a number with +, a short code or a name',
    }),
    sourceTon: Type.Optional(TypeOrPlan),
    sourceNpi: Type.Optional(TypeOrPlan),
    serviceType: Type.Optional(Type.String({ maxLength: 5 })),
    window: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1000, description: 'unanswered submit_sm; default 10' }),
    ),
    segmentsPerSecond: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    timeout: Type.Optional(Span),
    enquireEvery: Type.Optional(Span),
    long: Type.Optional(
      Type.Union([Type.Literal('udh'), Type.Literal('sar'), Type.Literal('payload')], {
        description: 'how long texts are handed over; default udh',
      }),
    ),
    gsmDataCoding: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
    receiptIds: Type.Optional(
      Type.Union(
        [Type.Literal('same'), Type.Literal('decimalOfHex'), Type.Literal('hexOfDecimal')],
        { description: 'how receipts write the ids that answered submit_sm; default same' },
      ),
    ),
    validity: Type.Optional(Type.Union([Type.Literal('relative'), Type.Literal('absolute')])),
    optedOutStatuses: Type.Optional(Type.Array(Type.Integer({ minimum: 1 }))),
    optedOutErrors: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
    region: Type.Optional(
      Type.String({
        pattern: '^[A-Z]{2}$',
        description: 'country of numbers that it writes without their country code',
      }),
    ),
  },
  closed,
);
