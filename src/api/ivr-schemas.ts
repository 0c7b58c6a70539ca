import Type, { type Static } from 'typebox';
import { Nullable, Time } from './schemas.js';

/** What an IVR may say to callers of one area now. */
export const IvrTextItem = Type.Object({
  area: Type.String({ description: 'town or site name, as the inventory has it' }),
  siteIds: Type.Array(Type.String()),
  language: Type.String(),
  text: Type.String(),
  incidentId: Type.String(),
  since: Time,
  endedAt: Nullable(Time),
  validUntil: Type.String({
    format: 'date-time',
    description: 'not to be said any more from then on, unless it is given again',
  }),
});
export type IvrTextItem = Static<typeof IvrTextItem>;

export const IvrQuery = Type.Object({
  area: Type.Optional(
    Type.String({ minLength: 1, maxLength: 128, description: 'town, site name or site id' }),
  ),
  language: Type.Optional(Type.String({ pattern: '^[a-z]{2}$' })),
});
export type IvrQuery = Static<typeof IvrQuery>;
