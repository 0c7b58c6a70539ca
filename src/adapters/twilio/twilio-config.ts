import Type from 'typebox';

/** `gateway` of the configuration for a Twilio account, or anything that speaks its Messages API. */
export const TwilioConfig = Type.Object(
  {
    kind: Type.Literal('twilio'),
    accountSid: Type.String({ minLength: 1 }),
    authToken: Type.String({ minLength: 1 }),
    from: Type.Optional(Type.String()),
    messagingServiceSid: Type.Optional(Type.String()),
    baseUrl: Type.Optional(Type.String({ format: 'uri' })),
    segmentsPerSecond: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    timeout: Type.Optional(
      Type.String({
        pattern: '^[0-9]+(ms|s)$',
        description:
          'longest a request may take; after four times as long without an answer the gateway is asked what became of a message; default 15s',
      }),
    ),
    isListComplete: Type.Optional(
      Type.Boolean({
        description:
          'whether its message list shows every message at once, so that one not listed was never taken; default false',
      }),
    ),
  },
  { additionalProperties: false },
);
