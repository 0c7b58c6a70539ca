import Type, { type Static } from 'typebox';
import { DAY_PARTS, type DayPart } from './day-parts.js';

const Share = { minimum: 0, maximum: 1 } as const;
const closed = { additionalProperties: false } as const;

/** One value for each part of the week of src/impact/day-parts.ts. */
function byPart<Value extends ReturnType<typeof Type.Number>>(value: Value, description: string) {
  const parts = {
    workNight: value,
    workMorning: value,
    workDay: value,
    workEvening: value,
    restNight: value,
    restDay: value,
  };
  return Type.Object(parts, { ...closed, description });
}

/** How much of where people are may be known. */
export const WhereaboutsMode = Type.Union([
  Type.Literal('declared'),
  Type.Literal('lastSeen'),
  Type.Literal('learnt'),
]);
export type WhereaboutsMode = Static<typeof WhereaboutsMode>;

/** `whereabouts` of `rules/impact.yaml`: what is known of where people are, and for how long. */
export const WhereaboutsRules = Type.Object(
  {
    mode: WhereaboutsMode,
    legalBasis: Type.Optional(
      Type.String({ minLength: 3, description: 'needed for mode learnt: what allows it' }),
    ),
    atHome: byPart(
      Type.Number(Share),
      'share of people who are at the declared place, by part of the week',
    ),
    placeRight: Type.Number({ ...Share, description: 'share of declared places that still hold' }),
    spill: Type.Number({
      ...Share,
      description: 'share of time that a phone at a site is on a cell that overlaps it instead',
    }),
    stayMinutes: byPart(
      Type.Number({ minimum: 1 }),
      'mean minutes that people stay at a cell, by part of the week',
    ),
    unusualStay: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      description:
        'mode learnt: share of stayMinutes that people stay at places that are not usual',
    }),
    keepHours: Type.Integer({
      minimum: 1,
      maximum: 72,
      description: 'a sighting is deleted after so many hours',
    }),
    halfLifeDays: Type.Number({
      exclusiveMinimum: 0,
      maximum: 100,
      description: 'days of the same kind after which what was learnt counts half',
    }),
    minWeight: Type.Number({
      exclusiveMinimum: 0,
      maximum: 0.5,
      description: 'a usual cell with less of the time than this is forgotten',
    }),
  },
  closed,
);
export type WhereaboutsRules = Static<typeof WhereaboutsRules>;

const PART_KEYS: Readonly<Record<DayPart, keyof WhereaboutsRules['atHome']>> = {
  [DAY_PARTS.any]: 'workDay',
  [DAY_PARTS.workNight]: 'workNight',
  [DAY_PARTS.workMorning]: 'workMorning',
  [DAY_PARTS.workDay]: 'workDay',
  [DAY_PARTS.workEvening]: 'workEvening',
  [DAY_PARTS.restNight]: 'restNight',
  [DAY_PARTS.restDay]: 'restDay',
};

/** A rule's value for a part of the week. */
export function ofPart(values: WhereaboutsRules['atHome'], part: DayPart): number {
  return values[PART_KEYS[part]];
}

/** Mean minutes that somebody stays where a sighting has them, beyond what their usual places say. */
export function meanStayMinutes(rules: WhereaboutsRules, part: DayPart): number {
  const share = rules.mode === 'learnt' ? rules.unusualStay : 1;
  return share * ofPart(rules.stayMinutes, part);
}
