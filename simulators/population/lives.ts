import { mix3, type Random } from '../random.js';
import type { LocalMoment } from '../telemetry/calendar.js';
import { destination, distanceKm } from '../world/geometry.js';
import type { Places } from './places.js';

/** How somebody spends their days. */
export const LIVES = ['office', 'shifts', 'school', 'field', 'home', 'still'] as const;
export type Life = (typeof LIVES)[number];

/** One person's places and habits; quarters are of an hour. */
export interface Habits {
  readonly life: Life;
  readonly home: number;
  readonly work: number;
  readonly third: number;
  /** usual beginning of work, a quarter of the day */
  readonly begins: number;
  readonly workQuarters: number;
  /** share of working days spent at home, in [0,1] */
  readonly remote: number;
  /** mean number of ways besides work on an ordinary day */
  readonly errands: number;
}

/** From that quarter of the day on somebody is at that place. */
export interface Stop {
  readonly quarter: number;
  readonly place: number;
}

const QUARTERS = 96;
/** Kilometres that a way takes a quarter of an hour for. */
const KM_PER_QUARTER = 8;
/** Share of errands to places never or seldom visited (Song et al. 2010: exploration). */
const EXPLORES = 0.3;
const MOST_KM = 60;

/** Makes one day of one person. */
export class DayPlan {
  readonly #places: Places;
  readonly #random: Random;
  readonly #stops: Stop[] = [];
  #at: number;
  #quarter = 0;

  constructor(places: Places, random: Random, from: number) {
    this.#places = places;
    this.#random = random;
    this.#at = from;
    this.#stops.push({ quarter: 0, place: from });
  }

  /** Stays until a quarter of the day at least, then goes there, past what lies on the way. */
  goTo(place: number, quarter: number): void {
    const leaves = Math.max(this.#quarter, Math.round(quarter));
    if (place === this.#at || leaves >= QUARTERS) {
      this.#quarter = leaves;
      return;
    }
    const from = this.#places.pointOf(this.#at);
    const to = this.#places.pointOf(place);
    const steps = Math.round(distanceKm(from, to) / KM_PER_QUARTER);
    for (let step = 1; step <= steps; step++) {
      const share = step / (steps + 1);
      const lat = from.lat + (to.lat - from.lat) * share;
      const lon = from.lon + (to.lon - from.lon) * share;
      this.#stop(leaves + step - 1, this.#places.publicNear({ lat, lon }));
    }
    this.#stop(leaves + steps, place);
    this.#at = place;
    this.#quarter = leaves + steps;
  }

  /** Stays where one is for so many quarters. */
  stay(quarters: number): void {
    this.#quarter += Math.max(0, Math.round(quarters));
  }

  /** Somewhere for an errand: a favourite, or somewhere new, mostly near. */
  somewhere(subscriber: number, habits: Habits): number {
    const random = this.#random;
    if (!random.chance(EXPLORES)) {
      const favourite = random.below(4);
      if (favourite === 0 && habits.third >= 0) return habits.third;
      const near = favourite === 1 && habits.work >= 0 ? habits.work : habits.home;
      return this.#places.publicAt(this.#places.siteOf(near), mix3(subscriber, favourite, 61));
    }
    const km = Math.min(MOST_KM, 0.6 * (1 - random.next()) ** -0.8);
    const point = destination(this.#places.pointOf(this.#at), km, random.between(0, 360));
    return this.#places.publicNear(point);
  }

  get quarter(): number {
    return this.#quarter;
  }

  /** Stops in order of time. */
  get stops(): readonly Stop[] {
    return this.#stops;
  }

  #stop(quarter: number, place: number): void {
    if (quarter < QUARTERS) this.#stops.push({ quarter, place });
  }
}

/** Errands from now on, the first not before a quarter; ends at home. */
function runErrands(
  plan: DayPlan,
  { subscriber, habits, random }: Day,
  first: number,
  mean: number,
): void {
  let quarter = first;
  for (let left = random.poisson(mean); left > 0 && quarter < 86; left--) {
    plan.goTo(plan.somewhere(subscriber, habits), quarter + random.gamma(1.5, 4));
    plan.stay(1 + random.gamma(1.3, 4));
    quarter = plan.quarter;
    if (random.chance(0.6)) plan.goTo(habits.home, quarter);
  }
  plan.goTo(habits.home, plan.quarter);
}

/** What a day is made from. */
export interface Day {
  readonly subscriber: number;
  readonly habits: Habits;
  readonly moment: LocalMoment;
  readonly random: Random;
}

function works({ habits: { life, remote }, moment, random, subscriber }: Day): boolean {
  if (life === 'home' || life === 'still') return false;
  if (random.chance(0.06)) return false;
  const isRest = moment.dayKind !== 'weekday';
  if (life === 'shifts') return mix3(subscriber, moment.day, 71) % 7 < 5;
  if (isRest) return life === 'field' && moment.dayKind === 'saturday' && random.chance(0.4);
  return !random.chance(remote);
}

/** Early, late and night shifts take turns by the week. */
function shiftBegins({ subscriber, moment }: Day): number {
  const turn = (Math.floor((moment.day + 3) / 7) + subscriber) % 3;
  return [20, 52, 84][turn] ?? 20;
}

function workday(plan: DayPlan, day: Day): void {
  const { habits, random, subscriber } = day;
  const { life, work, home } = habits;
  const usual = life === 'shifts' ? shiftBegins(day) : habits.begins;
  plan.goTo(work, usual - 2 + 1.6 * random.normal());
  if (life === 'field') {
    for (let visits = 2 + random.below(5); visits > 0; visits--) {
      plan.stay(2 + random.gamma(1.5, 2.5));
      plan.goTo(plan.somewhere(subscriber, { ...habits, home: work }), plan.quarter);
    }
  } else if (random.chance(0.3)) {
    const lunch = usual + habits.workQuarters * 0.45;
    plan.goTo(plan.somewhere(subscriber, { ...habits, home: work }), lunch);
    plan.stay(2 + random.below(3));
    plan.goTo(work, plan.quarter);
  }
  const ends = usual + habits.workQuarters + 2.5 * random.normal();
  if (random.chance(0.3)) {
    plan.goTo(plan.somewhere(subscriber, habits), ends);
    plan.stay(1 + random.gamma(1.4, 3));
  }
  plan.goTo(home, Math.max(ends, plan.quarter));
  runErrands(plan, day, Math.max(74, plan.quarter), habits.errands * 0.25);
}

/**
 * Where somebody is on a day: work, ways and errands by habit, with days off, days at home, shifts
 * that take turns, and places seen once. Every day is drawn on its own.
 */
export function planDay(places: Places, day: Day): readonly Stop[] {
  const { habits, moment, random, subscriber } = day;
  const isAway =
    habits.life !== 'still' && mix3(subscriber, Math.floor(moment.day / 5), 73) % 100 < 3;
  if (isAway) {
    const far = mix3(subscriber, Math.floor(moment.day / 5), 79) % places.publicCount;
    const plan = new DayPlan(places, random, far);
    runErrands(plan, { ...day, habits: { ...habits, home: far } }, 38, 1.6);
    return plan.stops;
  }
  const plan = new DayPlan(places, random, habits.home);
  if (habits.life === 'still') return plan.stops;
  if (works(day)) workday(plan, day);
  else runErrands(plan, day, 34 + random.below(16), habits.errands);
  return plan.stops;
}
