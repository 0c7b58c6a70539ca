import Type, { type Static } from 'typebox';

const Time = Type.String({ format: 'date-time' });
/** More cells than any network has. */
const MOST_CELLS = 10_000_000;

/** An incident of the time before Tocsin, or of another system, to learn times to repair from. */
export const PastIncident = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 256 }),
    causeKind: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, description: 'as incidents have it: site, …' }),
    ),
    cells: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_CELLS })),
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
