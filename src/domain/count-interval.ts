import Type, { type Static } from 'typebox';
import type { CallInterval } from './facts.js';

/** More in one area and interval than any source counts: a greater figure is a mistake. */
const MOST_COUNTED = 10_000_000;

/** How often customers of one area did something in one interval: complained, called, posted. */
export const CountInterval = Type.Object(
  {
    schemaVersion: Type.Optional(Type.Literal(1)),
    name: Type.String({
      minLength: 1,
      maxLength: 64,
      description: 'what is counted, such as complaints; each name has expectations of its own',
    }),
    area: Type.String({
      minLength: 1,
      maxLength: 128,
      description: 'id of a site, cell or line, or the town that sites are named after',
    }),
    start: Type.String({ format: 'date-time' }),
    intervalSeconds: Type.Integer({ minimum: 60, maximum: 86_400 }),
    count: Type.Number({ minimum: 0, maximum: MOST_COUNTED }),
  },
  { additionalProperties: false, $id: 'count-interval' },
);
export type CountInterval = Static<typeof CountInterval>;

/** Calls as counts by area; those of queues whose area is not known say nothing of a place. */
export function countsOfCalls(calls: readonly CallInterval[]): CountInterval[] {
  return calls.flatMap(({ queue, area, start, intervalSeconds, offered }) => {
    if (area === undefined || area === '') return [];
    return [{ name: `calls to ${queue}`, area, start, intervalSeconds, count: offered }];
  });
}
