import Type, { type Static } from 'typebox';
import { Media } from './media.js';

/**
 * One call that came to a queue, sent once it is over. Calls are added up by minute; where a total of
 * the same queue holds their time, the total counts and they do not.
 */
export const SingleCall = Type.Object(
  {
    schemaVersion: Type.Optional(Type.Literal(1)),
    queue: Type.String({ minLength: 1, maxLength: 128 }),
    media: Type.Optional(Media),
    area: Type.Optional(
      Type.String({ maxLength: 128, description: 'site or town, when the ACD knows it' }),
    ),
    time: Type.String({ format: 'date-time', description: 'when it reached the queue' }),
    callId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 128,
        description: 'the ACD’s own; with it a call that is sent again counts once',
      }),
    ),
    outcome: Type.Optional(Type.Union([Type.Literal('answered'), Type.Literal('abandoned')])),
    handleSeconds: Type.Optional(Type.Number({ minimum: 0, maximum: 86_400 })),
  },
  { additionalProperties: false, $id: 'single-call' },
);
export type SingleCall = Static<typeof SingleCall>;
