import Type, { type Static } from 'typebox';
import { IntervalForecast } from './interval-forecast.js';

/** A schema with an id of its own may stand in another one only without it. */
const { $id: _id, ...interval } = IntervalForecast as typeof IntervalForecast & { $id?: string };

/** A queue's newest forecast, as the Kafka topic carries it; the record's key is the queue. */
export const ForecastMessage = Type.Object(
  {
    schemaVersion: Type.Literal(1),
    forecastId: Type.String({ description: 'the same when a record is repeated after a crash' }),
    queue: Type.String(),
    issuedAt: Type.String({ format: 'date-time' }),
    intervals: Type.Array(interval as typeof IntervalForecast),
  },
  { additionalProperties: false, $id: 'forecast-message' },
);
export type ForecastMessage = Static<typeof ForecastMessage>;
