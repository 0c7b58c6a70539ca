import Type, { type Static } from 'typebox';

const closed = { additionalProperties: false } as const;
const IsoDate = Type.String({ format: 'date' });

/** People who are deliberately not told, so that the effect of telling can be measured exactly. */
export const ControlRules = Type.Object(
  {
    share: Type.Number({ exclusiveMinimum: 0, maximum: 0.5, description: 'of eligible people' }),
    approvedBy: Type.String({ minLength: 3, maxLength: 200, description: 'who answers for it' }),
    until: Type.String({ format: 'date', description: 'last day, UTC' }),
    minPeople: Type.Integer({
      minimum: 1000,
      description: 'expected number of affected people from which an incident has one',
    }),
  },
  closed,
);
export type ControlRules = Static<typeof ControlRules>;

const Costs = Type.Object(
  {
    currency: Type.String({ pattern: '^[A-Z]{3}$' }),
    perCall: Type.Number({ minimum: 0, description: 'an answered call, agents and telephony' }),
    goodwillPerCall: Type.Number({
      minimum: 0,
      description: 'credits given on a call, on average',
    }),
    overtime: Type.Object(
      {
        share: Type.Number({
          minimum: 0,
          maximum: 1,
          description: 'of incident calls, answered in overtime',
        }),
        perHour: Type.Number({ minimum: 0, description: 'paid beyond the ordinary hour' }),
        handleSeconds: Type.Number({ minimum: 1, maximum: 7200 }),
      },
      closed,
    ),
    runningPerMonth: Type.Number({ minimum: 0, description: 'what Tocsin itself costs' }),
  },
  closed,
);

/** Calls as they were before anybody was told: fixed once, so that nobody can choose it afterwards. */
export const Baseline = Type.Object(
  {
    fixedOn: IsoDate,
    callsPer1000: Type.Number({ minimum: 0, maximum: 1000, description: 'of affected people' }),
  },
  closed,
);
export type Baseline = Static<typeof Baseline>;

const Complaints = Type.Object(
  {
    windowHours: Type.Number({ minimum: 1, maximum: 168 }),
    minMessages: Type.Integer({ minimum: 100, description: 'fewer say nothing' }),
    maxOptOutsPer1000: Type.Number({ minimum: 0, maximum: 1000 }),
    maxRepliesPer1000: Type.Number({ minimum: 0, maximum: 1000 }),
    pauses: Type.Boolean({ description: 'whether messages stop by themselves beyond a limit' }),
  },
  closed,
);
export type ComplaintRules = Static<typeof Complaints>;

/** `rules/effect.yaml`: how the effect of telling people is measured and what it is worth. */
export const EffectRules = Type.Object(
  {
    version: Type.Literal(1),
    controlGroup: Type.Union([ControlRules, Type.Null()]),
    callsUntilMinutes: Type.Number({
      minimum: 0,
      maximum: 1440,
      description: 'calls count until so long after the end',
    }),
    callerRegion: Type.String({
      pattern: '^[A-Z]{2}$',
      description: "country of callers' numbers without a country code",
    }),
    costs: Costs,
    baseline: Type.Union([Baseline, Type.Null()]),
    driftIncidents: Type.Integer({
      minimum: 5,
      maximum: 100,
      description: 'newest incidents that are held against those before',
    }),
    complaints: Complaints,
  },
  { ...closed, $id: 'effect-rules' },
);
export type EffectRules = Static<typeof EffectRules>;

/** The share to hold out of an incident now; 0 for none. @param people expected number affected */
export function controlShare(control: ControlRules | null, people: number, nowMs: number): number {
  if (control === null || people < control.minPeople) return 0;
  return nowMs < Date.parse(`${control.until}T00:00:00Z`) + DAY_MS ? control.share : 0;
}

const DAY_MS = 86_400_000;
