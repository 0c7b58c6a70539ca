import type { Season } from './calendar.js';
import type { Column } from './column.js';
import { inverse, type KpiPlan } from './kpi-plan.js';
import { BLOCKS } from './series-store.js';
import type { StateReader, StateWriter } from './state-codec.js';

const STEPS = 65_535;
const MEMORY_DAYS = 60;
const DAY_SECONDS = 86_400;
/** traffic below this share of what is expected is near zero … */
export const NEAR_ZERO = 0.1;
/** … which says something when at least this share of the series' mean is expected */
const BUSY = 0.3;
/** share of places that are shut on a holiday though they are not on other days off */
const SHUT_ON_HOLIDAY = 0.05;

/**
 * Share of busy readings at which an object's traffic was honestly near zero, per block of three
 * hours: cells that are switched off now and then to save power. It tells that a drop there is
 * nothing new.
 */
export class IdleHours {
  readonly #memory: number;
  #share = new Uint16Array(0);

  constructor(periodSeconds: number) {
    this.#memory = Math.max(2, (MEMORY_DAYS * DAY_SECONDS) / periodSeconds / BLOCKS);
  }

  reserve(objects: number): void {
    if (objects * BLOCKS <= this.#share.length) return;
    let capacity = Math.max(64 * BLOCKS, this.#share.length);
    while (capacity < objects * BLOCKS) capacity *= 2;
    const wide = new Uint16Array(capacity);
    wide.set(this.#share);
    this.#share = wide;
  }

  /** @returns the surprise of an idle reading, at most that of being idle at this time */
  bound(object: number, season: Season, surprise: number): number {
    const own = (this.#share[object * BLOCKS + season.block] ?? 0) / STEPS;
    const share = season.isHoliday && own < SHUT_ON_HOLIDAY ? SHUT_ON_HOLIDAY : own;
    return share === 0 ? surprise : Math.min(surprise, -Math.log(share));
  }

  /** Learns from the healthy readings of the traffic KPI that leads. */
  learn(column: Column, plan: KpiPlan, units: Float32Array, block: number): void {
    const { count, object, series, x, mean, seen, healthy } = column;
    const shares = this.#share;
    const busyAbove = Math.log(BUSY + plan.offset);
    for (let i = 0; i < count; i++) {
      if (healthy[i] === 0 || (mean[i] ?? 0) < busyAbove) continue;
      const expected = inverse(plan, mean[i] ?? 0, units[series[i] ?? 0] ?? 1);
      const at = (object[i] ?? 0) * BLOCKS + block;
      const target = (x[i] ?? 0) < NEAR_ZERO * expected ? STEPS : 0;
      const old = shares[at] ?? 0;
      if (old === target) continue;
      const readings = Math.min((seen[i] ?? 0) / BLOCKS + 2, this.#memory);
      shares[at] = Math.round(old + (target - old) / readings);
    }
  }

  clear(object: number): void {
    this.#share.fill(0, object * BLOCKS, (object + 1) * BLOCKS);
  }

  save(writer: StateWriter, name: string, objects: number): void {
    writer.array(`${name}.idle`, this.#share.subarray(0, objects * BLOCKS));
  }

  load(reader: StateReader, name: string): void {
    this.reserve(reader.length(`${name}.idle`) / BLOCKS);
    reader.into(`${name}.idle`, this.#share);
  }
}

/** The KPI whose traffic says whether an object is idle: the first one, or -1. */
export function leadTraffic(plans: readonly KpiPlan[]): number {
  return plans.findIndex((plan) => plan.isTraffic && plan.scale === 'log');
}
