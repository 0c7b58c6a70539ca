import Type, { type Static } from 'typebox';
import { Nullable, Time } from './schemas.js';

/** How mobile service is in one area, for customers to read. */
export const AreaStatus = Type.Object({
  area: Type.String({ description: 'town or site name, as the inventory has it' }),
  siteIds: Type.Array(Type.String()),
  state: Type.Union([
    Type.Literal('disrupted'),
    Type.Literal('restored', { description: 'it is back since a short while' }),
  ]),
  service: Type.Union([
    Type.Literal('none', { description: 'out, or it was' }),
    Type.Literal('degraded', { description: 'poor, or it was' }),
  ]),
  since: Time,
  endedAt: Nullable(Time),
  estimatedRepairAt: Nullable({
    ...Time,
    description: 'null where none is sure enough to be said',
  }),
  texts: Type.Record(Type.String(), Type.String(), {
    description: 'language to a sentence that may be shown as it is',
  }),
  validUntil: Type.String({
    format: 'date-time',
    description: 'not to be shown any more from then on, unless it is given again',
  }),
});
export type AreaStatus = Static<typeof AreaStatus>;

/** `GET /api/v1/status`: areas where something is wrong, or just was; all others are well. */
export const StatusDocument = Type.Object({
  at: Time,
  validUntil: Type.String({
    format: 'date-time',
    description: 'to be asked for again from then on',
  }),
  areas: Type.Array(AreaStatus, { description: 'worst first' }),
});
export type StatusDocument = Static<typeof StatusDocument>;

export const StatusQuery = Type.Object({
  area: Type.Optional(
    Type.String({ minLength: 1, maxLength: 128, description: 'town, site name or site id' }),
  ),
});
export type StatusQuery = Static<typeof StatusQuery>;
