import Type, { type Static } from 'typebox';

/** ITU-T X.733 clause 8.1.2.3. */
export const PerceivedSeverity = Type.Union([
  Type.Literal('critical'),
  Type.Literal('major'),
  Type.Literal('minor'),
  Type.Literal('warning'),
  Type.Literal('indeterminate'),
  Type.Literal('cleared'),
]);
export type PerceivedSeverity = Static<typeof PerceivedSeverity>;

/**
 * One alarm notification with the fields of X.733 and TMF642. A notification whose severity is
 * `cleared` clears every alarm of the object with the same type, probable cause and, if it has
 * one, specific problem.
 */
export const Alarm = Type.Object(
  {
    schemaVersion: Type.Optional(Type.Literal(1)),
    alarmId: Type.String({ minLength: 1, maxLength: 256 }),
    objectType: Type.Optional(
      Type.Union([
        Type.Literal('cell'),
        Type.Literal('site'),
        Type.Literal('link'),
        Type.Literal('function'),
      ]),
    ),
    objectId: Type.String({ minLength: 1, maxLength: 256 }),
    alarmType: Type.Optional(Type.String({ maxLength: 128, description: 'X.733 event type' })),
    perceivedSeverity: PerceivedSeverity,
    probableCause: Type.String({ maxLength: 256 }),
    specificProblem: Type.Optional(Type.String({ maxLength: 1024 })),
    alarmRaisedTime: Type.String({ format: 'date-time' }),
    alarmClearedTime: Type.Optional(Type.String({ format: 'date-time' })),
    serviceAffecting: Type.Optional(Type.Boolean()),
    additionalText: Type.Optional(Type.String({ maxLength: 4096 })),
    vendor: Type.Optional(Type.String({ maxLength: 64 })),
  },
  { additionalProperties: false, $id: 'alarm' },
);
export type Alarm = Static<typeof Alarm>;
