import Type, { type Static } from 'typebox';

/** What a caller says of what was stated about them. */
export const AgentAnswer = Type.Union([
  Type.Literal('notAffected'),
  Type.Literal('stillDown'),
  Type.Literal('otherProblem'),
  Type.Literal('textWhenBack'),
]);
export type AgentAnswer = Static<typeof AgentAnswer>;

/** How sure it was stated to be that somebody is affected, in one word and as a probability. */
export const StatedAffected = Type.Object(
  {
    affected: Type.Union([Type.Literal('yes'), Type.Literal('probably'), Type.Literal('no')]),
    probability: Type.Number({ minimum: 0, maximum: 1 }),
  },
  { additionalProperties: false },
);
export type StatedAffected = Static<typeof StatedAffected>;
