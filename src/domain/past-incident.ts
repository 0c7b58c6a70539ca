import Type, { type Static } from 'typebox';

const Time = Type.String({ format: 'date-time' });
/** More cells than any network has. */
const MOST_CELLS = 10_000_000;

/** An incident of the time before Tocsin, or of another system, to learn times to repair and how people call from. */
export const PastIncident = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 256 }),
    causeKind: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, description: 'as incidents have it: site, …' }),
    ),
    cells: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_CELLS })),
    service: Type.Optional(
      Type.Union([Type.Literal('none'), Type.Literal('degraded')], {
        description: 'what most people lost: all service, or its quality; default none',
      }),
    ),
    affected: Type.Optional(Type.Number({ exclusiveMinimum: 0, description: 'people' })),
    calls: Type.Optional(
      Type.Number({ minimum: 0, description: 'beyond the usual ones, to all queues together' }),
    ),
    startedAt: Time,
    lastedUntil: Type.String({
      format: 'date-time',
      description: 'it is known to have lasted at least until then',
    }),
    endedBy: Type.Union([Time, Type.Null()], {
      description: 'it is known to have been over by then; null: not known to have ended',
    }),
  },
  { additionalProperties: false, $id: 'past-incident' },
);
export type PastIncident = Static<typeof PastIncident>;
