import Type, { type Static } from 'typebox';
import { Time } from './schemas.js';

const closed = { additionalProperties: false } as const;
const IncidentId = Type.Optional(
  Type.String({ maxLength: 200, description: 'default: all that bring calls' }),
);

/** One course of action to be compared with the way things stand. */
export const Scenario = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 60 }),
    notify: Type.Optional(
      Type.Object(
        {
          incidentId: IncidentId,
          at: Type.Union([Time, Type.Null()], { description: 'null: nobody more is told' }),
        },
        closed,
      ),
    ),
    repair: Type.Optional(Type.Object({ incidentId: IncidentId, at: Time }, closed)),
    ivr: Type.Optional(Type.Object({ from: Time, until: Type.Optional(Time) }, closed)),
    calledIn: Type.Optional(
      Type.Array(
        Type.Object(
          {
            queue: Type.String({ minLength: 1, maxLength: 160 }),
            agents: Type.Integer({ minimum: 0, maximum: 100_000 }),
            from: Time,
            until: Type.Optional(Time),
          },
          closed,
        ),
        { maxItems: 20 },
      ),
    ),
  },
  closed,
);
export type Scenario = Static<typeof Scenario>;

export const WhatIfBody = Type.Object(
  {
    queue: Type.Optional(
      Type.String({ minLength: 1, maxLength: 160, description: 'of the curves; default: all' }),
    ),
    hours: Type.Integer({ minimum: 1, maximum: 72, default: 12, description: 'of the curves' }),
    scenarios: Type.Array(Scenario, { maxItems: 5 }),
  },
  closed,
);
export type WhatIfBody = Static<typeof WhatIfBody>;

const Totals = Type.Object({
  calls: Type.Number(),
  surge: Type.Number(),
  redials: Type.Number(),
  abandonedCalls: Type.Number(),
  serviceLevel: Type.Number(),
  asaSeconds: Type.Number(),
  worstAsaSeconds: Type.Number(),
  missingHours: Type.Number(),
  cost: Type.Number(),
});

/** Outcomes side by side, the way things stand first. */
export const WhatIfAnswer = Type.Object({
  issuedAt: Time,
  currency: Type.String(),
  assumedRosters: Type.Array(Type.String(), {
    description: 'queues without a roster: the agents that ordinary calls need were assumed',
  }),
  incidents: Type.Array(Type.String(), { description: 'that bring calls now' }),
  outcomes: Type.Array(
    Type.Object({
      name: Type.String(),
      totals: Totals,
      curve: Type.Array(
        Type.Object({
          start: Time,
          calls: Type.Number({ description: 'expected' }),
          agents: Type.Integer({ description: 'needed at work' }),
          abandonedCalls: Type.Number(),
        }),
      ),
    }),
  ),
});
export type WhatIfAnswer = Static<typeof WhatIfAnswer>;
