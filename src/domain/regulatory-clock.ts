import Type, { type Static } from 'typebox';

const Time = Type.String({ format: 'date-time' });

/** What a clock can wait for. */
export const ClockTerm = Type.Union([
  Type.Literal('confirmation'),
  Type.Literal('userMinutes'),
  Type.Literal('durationMinutes'),
  Type.Literal('subscribers'),
  Type.Literal('emergencyCalling'),
  Type.Literal('sites'),
  Type.Literal('area'),
]);
export type ClockTerm = Static<typeof ClockTerm>;

/**
 * How far an incident is from a duty to report. It runs from `startedAt` to `deadlineAt` and is
 * overrun after that; it has not started while `startedAt` is null.
 */
export const RegulatoryClock = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    startedAt: Type.Union([Time, Type.Null()]),
    deadlineAt: Type.Union([Time, Type.Null()]),
    progress: Type.Number({
      minimum: 0,
      maximum: 1,
      description: 'share reached of what starts it; of the condition that is nearest',
    }),
    lacking: Type.Union(
      [
        Type.Object(
          { what: ClockTerm, value: Type.Number(), needed: Type.Number() },
          { additionalProperties: false },
        ),
        Type.Null(),
      ],
      { description: 'what is farthest from being reached; null once it has started' },
    ),
    expectedStartAt: Type.Union([Time, Type.Null()], {
      description: 'when it starts if nothing changes; null when that is not foreseen',
    }),
    reported: Type.Optional(
      Type.Object(
        { at: Time, by: Type.String(), why: Type.String() },
        {
          additionalProperties: false,
          description: 'the authority has been told: it runs no more',
        },
      ),
    ),
    onEstimate: Type.Optional(
      Type.Boolean({ description: 'started on counts that were still an estimate' }),
    ),
  },
  { additionalProperties: false },
);
export type RegulatoryClock = Static<typeof RegulatoryClock>;
