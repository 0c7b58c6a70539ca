import Type, { type Static } from 'typebox';

const Time = Type.String({ format: 'date-time' });
const TimeOrNull = Type.Union([Time, Type.Null()]);
const Named = Type.Object({ kind: Type.String(), id: Type.String() });

/** What scoring reads of `tocsin replay --json`; other keys are left alone. */
export const ScoredReplay = Type.Object({
  cells: Type.Number({ minimum: 0 }),
  from: TimeOrNull,
  to: TimeOrNull,
  anomalies: Type.Array(Type.Object({ startedAt: Time, detectedAt: Time, endedAt: TimeOrNull })),
  incidents: Type.Array(
    Type.Object({
      id: Type.String(),
      startedAt: Time,
      detectedAt: TimeOrNull,
      endedAt: TimeOrNull,
      cells: Type.Array(Type.String()),
      cause: Type.Object({
        kind: Type.String(),
        id: Type.String(),
        candidates: Type.Array(
          Type.Object({
            kind: Type.String(),
            id: Type.String(),
            alike: Type.Optional(Type.Array(Named)),
          }),
        ),
      }),
    }),
  ),
});
export type ScoredReplay = Static<typeof ScoredReplay>;
export type ScoredIncident = ScoredReplay['incidents'][number];

/** One cell's part in one true incident, as a row of TRUTH.csv has it. */
export interface TruthRow {
  readonly incidentId: string;
  readonly cellId: string;
  readonly startedAtMs: number;
  /** null while it lasts: until the end of the replay */
  readonly endedAtMs: number | null;
  readonly causeKind: string | null;
  readonly causeId: string | null;
}
