import Type, { type Static } from 'typebox';

const Amount = Type.Number({ minimum: 0 });
const Share = Type.Number({ minimum: 0, maximum: 1 });

/** Calls that one incident adds to an interval. */
export const IncidentPart = Type.Object(
  {
    incidentId: Type.String(),
    calls: Type.Number({ minimum: 0, description: 'expected first calls, without redials' }),
  },
  { additionalProperties: false },
);
export type IncidentPart = Static<typeof IncidentPart>;

/** What the roster as it stands means for an interval. */
export const RosterOutlook = Type.Object(
  {
    agents: Type.Number({ minimum: 0, description: 'people on the roster, absences included' }),
    atWork: Type.Integer({ minimum: 0, description: 'of them at work, after shrinkage' }),
    gapAgents: Type.Number({ description: 'people missing on the roster; below 0: too many' }),
    gapHours: Type.Number({ description: 'the same in hours of this interval' }),
    serviceLevel: Type.Number({
      minimum: 0,
      maximum: 1,
      description: 'answered in time ÷ offered',
    }),
    asaSeconds: Type.Number({ minimum: 0, description: 'mean wait of all offered calls' }),
    occupancy: Share,
    abandonment: Type.Number({ minimum: 0, maximum: 1, description: 'hung up ÷ offered' }),
    abandonedCalls: Amount,
  },
  { additionalProperties: false },
);
export type RosterOutlook = Static<typeof RosterOutlook>;

/** What an interval costs, in the currency of the rules: people on the roster and calls lost. */
export const StaffingCost = Type.Object(
  {
    needed: Type.Number({ minimum: 0, description: 'with the agents needed' }),
    asRostered: Type.Union([Amount, Type.Null()], { description: 'null without a roster' }),
  },
  { additionalProperties: false },
);
export type StaffingCost = Static<typeof StaffingCost>;

/**
 * Calls offered to one queue in one staffing interval, and the agents for them. Expected calls are
 * `ordinary + surge + redials`; quantile keys are levels such as `0.05`.
 */
export const IntervalForecast = Type.Object(
  {
    queue: Type.String(),
    start: Type.String({ format: 'date-time' }),
    intervalSeconds: Type.Integer({ minimum: 60 }),
    ordinary: Amount,
    surge: Type.Number({ minimum: 0, description: 'first calls of all incidents' }),
    incidents: Type.Array(IncidentPart, {
      description: 'parts of `surge`, which they add up to; greatest first',
    }),
    redials: Type.Number({
      minimum: 0,
      description: 'calls of those who gave up before because of the surge and try again',
    }),
    quantiles: Type.Record(Type.String(), Amount),
    ahtSeconds: Type.Optional(
      Type.Number({ minimum: 0, description: 'mean handle time that agents are worked out with' }),
    ),
    agents: Type.Integer({ minimum: 0, description: 'at work, for the target (Erlang A)' }),
    agentsErlangC: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
      description: 'the same if nobody hung up',
    }),
    rostered: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
      description: 'people to put on the roster so that `agents` are at work',
    }),
    roster: Type.Union([RosterOutlook, Type.Null()], { description: 'null without a roster' }),
    cost: Type.Optional(StaffingCost),
  },
  { additionalProperties: false, $id: 'interval-forecast' },
);
export type IntervalForecast = Static<typeof IntervalForecast>;
