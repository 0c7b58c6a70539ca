import Type, { type Static } from 'typebox';
import { Nullable, Time } from './schemas.js';

/** What recurring problems are counted by. */
export const RecurringKind = Type.Union([
  Type.Literal('cell'),
  Type.Literal('site'),
  Type.Literal('town'),
  Type.Literal('cause'),
]);
export type RecurringKind = Static<typeof RecurringKind>;

/** Which recurring problems are asked for. */
export const RecurringAsked = Type.Object({
  by: RecurringKind,
  days: Type.Integer({
    minimum: 1,
    maximum: 400,
    default: 30,
    description: 'how far to look back; further than records.incidentDays nothing is kept',
  }),
  incidents: Type.Integer({
    minimum: 1,
    maximum: 1000,
    default: 2,
    description: 'this many incidents are recurring',
  }),
  hours: Type.Integer({
    minimum: 1,
    maximum: 9600,
    default: 24,
    description: 'or one that lasted this long',
  }),
  limit: Type.Integer({ minimum: 1, maximum: 5000, default: 100 }),
});
export type RecurringAsked = Static<typeof RecurringAsked>;

/** A cell, site, town or cause with several incidents, or a long one. */
export const RecurringItem = Type.Object({
  id: Type.String(),
  name: Nullable(Type.String({ description: 'of the site' })),
  site: Nullable(Type.String({ description: 'the site to look at; null for towns and causes' })),
  why: Type.Union([Type.Literal('repeated'), Type.Literal('lasting'), Type.Literal('both')]),
  incidents: Type.Integer({
    description:
      'confirmed ones; planned work, those marked as none and those that came back left out',
  }),
  cells: Type.Integer({ description: 'that were in any of them' }),
  userMinutes: Type.Number({
    description:
      'lost here: each incident’s, shared out by how long its cells were in it and what they lost',
  }),
  lostMinutes: Type.Number({ description: 'of cells, each counted by its share of service lost' }),
  longestMinutes: Type.Number({ description: 'without an end in between' }),
  degree: Type.Number({ description: 'greatest share of service that a cell lost' }),
  isRunning: Type.Boolean({ description: 'an incident is going on here now' }),
  lastAt: Nullable(Time),
  lastIncidentId: Type.String(),
  mostly: Type.Object(
    { kind: Type.String(), id: Type.String() },
    { description: 'the most frequent cause; for causes, the cause itself' },
  ),
});
export type RecurringItem = Static<typeof RecurringItem>;

export const RecurringPage = Type.Object({
  since: Time,
  total: Type.Integer(),
  items: Type.Array(RecurringItem, { description: 'most user-minutes first' }),
});
export type RecurringPage = Static<typeof RecurringPage>;
