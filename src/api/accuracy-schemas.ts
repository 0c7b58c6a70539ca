import Type, { type Static } from 'typebox';
import { Nullable } from './schemas.js';

/** How forecasts of one lead time turned out. Shares are fractions of 1. */
export const AccuracyFigures = Type.Object({
  intervals: Type.Integer({ minimum: 0 }),
  calls: Type.Number({ description: 'that came' }),
  wape: Nullable(Type.Number({ description: 'sum of |came − median| ÷ sum of what came' })),
  bias: Nullable(Type.Number({ description: 'sum of (median − came) ÷ sum of what came' })),
  mase: Nullable(
    Type.Number({ description: 'mean error ÷ that of the same interval a week before' }),
  ),
  pinball: Nullable(Type.Number({ description: 'mean over 0.05…0.95 ÷ mean of what came' })),
  coverage80: Nullable(Type.Number()),
  coverage95: Nullable(Type.Number()),
});
export type AccuracyFigures = Static<typeof AccuracyFigures>;

/** Ordinary intervals and those in incidents apart; null where there are none. */
export const AccuracySplit = Type.Object({
  ordinary: Nullable(AccuracyFigures),
  incidents: Nullable(AccuracyFigures),
});
export type AccuracySplit = Static<typeof AccuracySplit>;

/** The record of forecasts: issued so long before, on ordinary intervals and in incidents. */
export const ForecastAccuracy = Type.Object({
  queue: Nullable(Type.String({ description: 'null: all queues' })),
  days: Type.Integer(),
  leads: Type.Array(
    Type.Object({
      leadSeconds: Type.Integer(),
      ...AccuracySplit.properties,
      withArea: AccuracySplit,
      withoutArea: AccuracySplit,
    }),
    { description: 'withArea: of intervals most of whose calls came with an area' },
  ),
  byDay: Type.Array(
    Type.Object({
      day: Type.String({ description: 'UTC' }),
      wape: Nullable(Type.Number({ description: 'an hour ahead, ordinary intervals' })),
      coverage80: Nullable(Type.Number()),
    }),
    { description: 'oldest first: a model that drifts shows here' },
  ),
});
export type ForecastAccuracy = Static<typeof ForecastAccuracy>;
