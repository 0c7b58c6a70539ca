import Type, { type Static } from 'typebox';
import { IncidentState, Severity } from './incident.js';

const Time = Type.String({ format: 'date-time' });
const orNull = <Kind extends Parameters<typeof Type.Union>[0][number]>(
  kind: Kind,
  options: { description?: string } = {},
) => Type.Union([kind, Type.Null()], options);

/** A count that is told to somebody outside; null: too few to be told, or nothing is known. */
const Count = orNull(Type.Integer({ minimum: 0 }));

/**
 * `onset`: the first word of an incident; `change`: something material is otherwise; `restored`: it is
 * over; `merged`: it goes on as another incident; `withdrawn`: it was none.
 */
export const PartnerNewsKind = Type.Union([
  Type.Literal('onset'),
  Type.Literal('change'),
  Type.Literal('restored'),
  Type.Literal('merged'),
  Type.Literal('withdrawn'),
]);
export type PartnerNewsKind = Static<typeof PartnerNewsKind>;

/** What is otherwise than what a partner was told last. */
export const PartnerChange = Type.Union([
  Type.Literal('lines'),
  Type.Literal('severity'),
  Type.Literal('repair'),
]);
export type PartnerChange = Static<typeof PartnerChange>;

/** A partner's customers in one incident, in counts; those that are too small are null. */
export const PartnerCounts = Type.Object(
  {
    lines: { ...Count, description: 'its lines affected, machines apart' },
    machines: Count,
    byKind: Type.Record(Type.String(), Count, {
      description: 'lines by kind of subscription: person, dataOnly, fleet, emergency',
    }),
    lost: Type.Object(
      { voice: Count, data: Count, sms: Count },
      { additionalProperties: false, description: 'expected number of lines without each service' },
    ),
    visitors: {
      ...Count,
      description: 'its customers who roam here or share this network, seen at the cells affected',
    },
  },
  { additionalProperties: false },
);
export type PartnerCounts = Static<typeof PartnerCounts>;

/** A town with cells in the incident, or where lines are at home. */
export const PartnerArea = Type.Object(
  {
    area: Type.String(),
    sites: Type.Integer({ minimum: 0 }),
    cells: Type.Integer({ minimum: 0 }),
    lines: { ...Count, description: 'its lines affected that are at home there' },
  },
  { additionalProperties: false },
);
export type PartnerArea = Static<typeof PartnerArea>;

/** What an MVNO or a partner who shares the network is told: aggregates, nothing about anybody. */
export const PartnerNews = Type.Object(
  {
    schemaVersion: Type.Literal(1),
    deliveryId: Type.String({
      description: 'the same for every attempt: take a second one as a repeat',
    }),
    alertId: Type.String({ description: 'the same from the first word to the last' }),
    kind: PartnerNewsKind,
    revision: Type.Integer({ minimum: 1 }),
    recipient: Type.String(),
    partner: Type.String(),
    decidedAt: Time,
    changes: Type.Array(PartnerChange, { description: 'of a `change`: what is otherwise' }),
    incidentId: Type.String(),
    goesOnAs: orNull(Type.String(), { description: 'of `merged`: the incident it goes on as' }),
    state: IncidentState,
    severity: Severity,
    startedAt: Time,
    endedAt: orNull(Time),
    estimatedRepairAt: orNull(Time),
    certainty: orNull(Type.Number({ minimum: 0, maximum: 1 }), {
      description: 'probability that service really failed',
    }),
    causeKind: orNull(Type.String()),
    counts: {
      ...PartnerCounts,
      description: 'as of the decision; of the last three kinds as told last',
    },
    areas: Type.Array(PartnerArea, { description: 'most cells first, 50 at most' }),
    acknowledgeUrl: Type.String({ format: 'uri' }),
  },
  { additionalProperties: false, $id: 'partner-news' },
);
export type PartnerNews = Static<typeof PartnerNews>;
