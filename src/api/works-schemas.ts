import Type, { type Static } from 'typebox';
import { MessageCount, Wave } from './schemas.js';

const Time = Type.String({ format: 'date-time' });

/** Planned works that are to come or under way, with what people are told of them. */
export const WorksItem = Type.Object({
  workId: Type.String(),
  resourceId: Type.String({ description: 'site, cell or line that they are on' }),
  startsAt: Time,
  endsAt: Time,
  description: Type.Union([Type.String(), Type.Null()]),
  waves: Type.Array(Wave, { description: 'oldest first; one for each time they were announced' }),
  messages: Type.Array(MessageCount),
});
export type WorksItem = Static<typeof WorksItem>;

/** What can be done to messages about works. */
export const WorksAct = Type.Union([
  Type.Literal('approve'),
  Type.Literal('hold'),
  Type.Literal('cancel'),
]);
