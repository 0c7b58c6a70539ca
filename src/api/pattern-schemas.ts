import Type, { type Static } from 'typebox';
import { Nullable, Time } from './schemas.js';

const Day = Type.String({ format: 'date', description: 'local day of the queue' });
const Share = (description: string) => Nullable(Type.Number({ description }));

/** One version of a queue's call pattern. Shares are fractions of 1. */
export const PatternVersionItem = Type.Object({
  version: Type.Integer(),
  learntAt: Time,
  from: Nullable(Day),
  to: Nullable(Day),
  why: Type.Union(
    [Type.Literal('first'), Type.Literal('nightly'), Type.Literal('calls'), Type.Literal('rules')],
    { description: 'no pattern before; a day is over; past calls were imported; rules changed' },
  ),
  weights: Type.Record(Type.String(), Type.Number(), {
    description: 'share of each model, earned by errors on recent rolling origins',
  }),
  recentWape: Share('a day ahead, on rolling origins of the last 14 days it was learnt from'),
  usualWape: Share('the same on the 56 days before those'),
  recentBias: Share('forecast calls ÷ calls that came − 1, over the last 14 days'),
  isKept: Type.Boolean({ description: 'can be gone back to' }),
});
export type PatternVersionItem = Static<typeof PatternVersionItem>;

/** How a queue's ordinary calls are learnt, and how that stands. */
export const CallPatternItem = Type.Object({
  queue: Type.String(),
  inUse: Type.Integer(),
  previousVersion: Nullable(Type.Integer({ description: 'what going back leads to' })),
  putBack: Nullable(
    Type.Object(
      { by: Type.String(), why: Type.String(), at: Time, until: Day },
      { description: 'somebody has put it back to an earlier version, until then at most' },
    ),
  ),
  drift: Type.Object({
    hasDrifted: Type.Boolean(),
    times: Share('recent errors ÷ those at training; 1 is as ever'),
    issuedWape: Share('of forecasts as issued a day ahead, last 14 days, ordinary intervals'),
    done: Type.String({ description: 'what is done about it' }),
  }),
  versions: Type.Array(PatternVersionItem, { description: 'newest first' }),
});
export type CallPatternItem = Static<typeof CallPatternItem>;
