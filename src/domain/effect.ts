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
  { additionalProperties: false, $id: 'effect-estimate' },
);
export type EffectEstimate = Static<typeof EffectEstimate>;
