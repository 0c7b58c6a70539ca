import Type, { type Static } from 'typebox';

/** How told and untold people are compared. */
export const EffectDesign = Type.Union([
  Type.Literal('sendingOrder', {
    description: 'random order within a class: those told against those not told yet',
  }),
  Type.Literal('areaOrder', {
    description: 'random order of areas: calls of areas told against those of areas not told yet',
  }),
  Type.Literal('controlGroup', { description: 'a share chosen by chance is not told at all' }),
]);
export type EffectDesign = Static<typeof EffectDesign>;

const Interval = Type.Object(
  { lo: Type.Number(), hi: Type.Number() },
  { additionalProperties: false, description: '95 %' },
);

/** A figure with its 95 % interval. */
export const EffectFigure = Type.Object(
  { value: Type.Number(), ...Interval.properties },
  { additionalProperties: false },
);
export type EffectFigure = Static<typeof EffectFigure>;

/** What telling people has changed in how many call, of one incident or of several. */
export const EffectEstimate = Type.Object(
  {
    design: EffectDesign,
    status: Type.Union([Type.Literal('measured'), Type.Literal('notYetMeasurable')]),
    reason: Type.String({ description: 'what is compared, or why nothing can be said yet' }),
    incidents: Type.Integer({ minimum: 0 }),
    told: Type.Integer({
      minimum: 0,
      description: 'people whose turn came or who were to be told',
    }),
    untold: Type.Integer({ minimum: 0, description: 'control group; 0 for a sending order' }),
    callsTold: Type.Integer({ minimum: 0, description: 'calls compared, of people told' }),
    callsUntold: Type.Integer({ minimum: 0 }),
    shareTold: Type.Number({
      minimum: 0,
      maximum: 1,
      description: 'of the compared time: the direct effect is that at this share',
    }),
    reduction: Type.Optional(EffectFigure),
    preventedPer1000: Type.Optional(EffectFigure),
    prevented: Type.Optional(EffectFigure),
  },
  { additionalProperties: false },
);
export type EffectEstimate = Static<typeof EffectEstimate>;

/** What telling people was worth in one month. Money in `currency`. */
export const EffectStatement = Type.Object(
  {
    month: Type.String({ format: 'date', description: 'its first day' }),
    currency: Type.String(),
    status: Type.Union([Type.Literal('measured'), Type.Literal('notYetMeasurable')]),
    reason: Type.String(),
    incidents: Type.Integer({ minimum: 0 }),
    told: Type.Integer({ minimum: 0 }),
    segments: Type.Integer({ minimum: 0 }),
    callsAvoided: Type.Optional(EffectFigure),
    callCost: Type.Optional(EffectFigure),
    goodwill: Type.Optional(EffectFigure),
    overtime: Type.Optional(EffectFigure),
    net: Type.Optional(EffectFigure),
    costPerCallAvoided: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
    smsCost: Type.Number({ minimum: 0 }),
    runningCost: Type.Number({ minimum: 0 }),
    baseline: Type.Object(
      {
        status: Type.Union([Type.Literal('none'), Type.Literal('compared')]),
        reason: Type.String(),
        expectedCalls: Type.Optional(Type.Number({ minimum: 0 })),
        calls: Type.Optional(Type.Integer({ minimum: 0 })),
        fewerCalls: Type.Optional(Type.Number()),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false, $id: 'effect-statement' },
);
export type EffectStatement = Static<typeof EffectStatement>;

/** What is known of the effect of telling people, and of whether they mind. */
export const EffectReport = Type.Object(
  {
    designs: Type.Array(
      Type.Object(
        {
          estimate: EffectEstimate,
          drift: Type.Union([
            Type.Literal('none'),
            Type.Literal('drifting'),
            Type.Literal('tooFew'),
          ]),
          driftReason: Type.String(),
        },
        { additionalProperties: false },
      ),
    ),
    incidents: Type.Array(
      Type.Object(
        {
          incidentId: Type.String(),
          endedAt: Type.String({ format: 'date-time' }),
          estimate: EffectEstimate,
        },
        { additionalProperties: false },
      ),
      { description: 'newest first' },
    ),
    complaints: Type.Object(
      {
        windowHours: Type.Number(),
        messages: Type.Integer(),
        optOuts: Type.Integer(),
        replies: Type.Integer(),
        status: Type.Union([Type.Literal('tooFew'), Type.Literal('fine'), Type.Literal('beyond')]),
        reason: Type.String(),
      },
      { additionalProperties: false },
    ),
    controlGroup: Type.Union([
      Type.Object(
        {
          share: Type.Number(),
          approvedBy: Type.String(),
          until: Type.String({ format: 'date' }),
          minPeople: Type.Integer(),
          isOn: Type.Boolean(),
        },
        { additionalProperties: false },
      ),
      Type.Null(),
    ]),
  },
  { additionalProperties: false, $id: 'effect-report' },
);
export type EffectReport = Static<typeof EffectReport>;
