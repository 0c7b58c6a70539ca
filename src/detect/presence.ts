import type { Season } from './calendar.js';
import type { DetectionRules } from './rules.js';
import type { StateReader, StateWriter } from './state-codec.js';

const HOURS = 72;
const FULL = 255;
const MEMORY_DAYS = 8;
const DAY_SECONDS = 86_400;
const PRIOR_EXPECTED = 2000;
const PRIOR_LOST = 1;

/** Periods from its last report in which an object has lately stopped to report. */
const LATELY = 4;

/** A period with who reported: objects have a row above 0. */
interface Absences {
  readonly period: number;
  readonly season: Season;
  readonly pending: { readonly rowOf: ArrayLike<number> } | undefined;
}

/** What a missing report means for an object. */
export type Silence = 'none' | 'silent' | 'forgotten';

/**
 * Which objects report when, and how often a single report goes missing in this feed. Per object a
 * share of periods with a report, by local hour and kind of day: cells switched off at night to save
 * power are not missed then. Silence counts from the first expected report that is absent.
 */
export class Presence {
  readonly #perDay: number;
  readonly #forgetAfter: number;
  readonly #rules: DetectionRules['silence'];
  readonly #hasClockTimes: boolean;
  #share = new Uint8Array(0);
  /** period number of the first report plus 1; 0 = never */
  #first = new Uint32Array(0);
  #last = new Uint32Array(0);
  /** period number at which silence began; 0 = not silent */
  #since = new Uint32Array(0);
  #missed = new Uint16Array(0);
  /** period number at which the silence was told; 0 = not told */
  #raisedAt = new Uint32Array(0);
  #expected = 0;
  #lost = 0;
  #expectedNow = 0;
  #returnedNow = 0;

  /** @param hasClockTimes whether reports can't tell the second run of an hour from the first */
  constructor(periodSeconds: number, rules: DetectionRules['silence'], hasClockTimes: boolean) {
    this.#hasClockTimes = hasClockTimes;
    this.#perDay = DAY_SECONDS / periodSeconds;
    this.#forgetAfter = rules.forgetAfterDays * this.#perDay;
    this.#rules = rules;
  }

  reserve(objects: number): void {
    if (objects <= this.#first.length) return;
    let capacity = Math.max(64, this.#first.length);
    while (capacity < objects) capacity *= 2;
    const wide = <A extends Uint8Array | Uint32Array | Uint16Array>(old: A, next: A): A => {
      next.set(old);
      return next;
    };
    this.#share = wide(this.#share, new Uint8Array(capacity * HOURS));
    this.#first = wide(this.#first, new Uint32Array(capacity));
    this.#last = wide(this.#last, new Uint32Array(capacity));
    this.#since = wide(this.#since, new Uint32Array(capacity));
    this.#missed = wide(this.#missed, new Uint16Array(capacity));
    this.#raisedAt = wide(this.#raisedAt, new Uint32Array(capacity));
  }

  isKnown(object: number): boolean {
    return (this.#first[object] ?? 0) > 0;
  }

  /** Period number at which the object's silence began, 0 when it is not silent. */
  since(object: number): number {
    return this.#since[object] ?? 0;
  }

  missed(object: number): number {
    return this.#missed[object] ?? 0;
  }

  /** Period number at which the silence was told, 0 when it was not. */
  raisedAt(object: number): number {
    return this.#raisedAt[object] ?? 0;
  }

  /** Notes that the silence was told. */
  raise(object: number, period: number): void {
    this.#raisedAt[object] = period;
  }

  /** Share of single reports that go missing in this feed. */
  get lossShare(): number {
    return (this.#lost + PRIOR_LOST) / (this.#expected + PRIOR_EXPECTED);
  }

  /** Evidence in nats of one missing report. */
  get natsPerLoss(): number {
    return -Math.log(this.lossShare);
  }

  /** The object reported: silence is over. */
  report(object: number, period: number, season: Season): void {
    const missed = this.#missed[object] ?? 0;
    if (this.#first[object] === 0) this.#first[object] = period + 1;
    this.#last[object] = period;
    this.#since[object] = 0;
    this.#missed[object] = 0;
    this.#raisedAt[object] = 0;
    this.#learn(object, period, season, FULL);
    this.#expectedNow++;
    if (missed === 1) this.#returnedNow++;
  }

  /** Whether one of the first `size` objects should have reported and lately stopped to. */
  isAnyMissed(size: number, { period, season, pending }: Absences): boolean {
    for (let object = 0; object < size; object++) {
      if ((pending?.rowOf[object] ?? 0) > 0 || !this.isKnown(object)) continue;
      if (period - (this.#last[object] ?? 0) > LATELY) continue;
      if (this.#isExpected(object, period, season)) return true;
    }
    return false;
  }

  /** The object did not report. */
  miss(object: number, period: number, season: Season): Silence {
    if (period - (this.#last[object] ?? 0) > this.#forgetAfter) return 'forgotten';
    const isSilent = (this.#since[object] ?? 0) > 0;
    if (!this.#isExpected(object, period, season)) {
      if (!isSilent && !(this.#hasClockTimes && season.isSecondRun))
        this.#learn(object, period, season, 0);
      return 'none';
    }
    this.#expectedNow++;
    const missed = (this.#missed[object] ?? 0) + 1;
    this.#missed[object] = missed > 65_535 ? 65_535 : missed;
    if (!isSilent) this.#since[object] = period;
    return 'silent';
  }

  /** Pools what was lost this period; a gap that many objects share is not a lost report. */
  endPeriod(): void {
    this.#expected += this.#expectedNow;
    if (this.#returnedNow <= Math.max(2, this.#expectedNow / 20)) this.#lost += this.#returnedNow;
    this.#expectedNow = 0;
    this.#returnedNow = 0;
  }

  clear(object: number): void {
    this.#share.fill(0, object * HOURS, (object + 1) * HOURS);
    this.#first[object] = 0;
    this.#last[object] = 0;
    this.#since[object] = 0;
    this.#missed[object] = 0;
    this.#raisedAt[object] = 0;
  }

  save(writer: StateWriter, name: string, objects: number): void {
    writer.json(name, [this.#expected, this.#lost]);
    writer.array(`${name}.share`, this.#share.subarray(0, objects * HOURS));
    writer.array(`${name}.first`, this.#first.subarray(0, objects));
    writer.array(`${name}.last`, this.#last.subarray(0, objects));
    writer.array(`${name}.since`, this.#since.subarray(0, objects));
    writer.array(`${name}.missed`, this.#missed.subarray(0, objects));
    writer.array(`${name}.raisedAt`, this.#raisedAt.subarray(0, objects));
  }

  load(reader: StateReader, name: string): void {
    [this.#expected, this.#lost] = reader.json<[number, number]>(name);
    this.reserve(reader.length(`${name}.first`));
    reader.into(`${name}.share`, this.#share);
    reader.into(`${name}.first`, this.#first);
    reader.into(`${name}.last`, this.#last);
    reader.into(`${name}.since`, this.#since);
    reader.into(`${name}.missed`, this.#missed);
    reader.into(`${name}.raisedAt`, this.#raisedAt);
  }

  #isExpected(object: number, period: number, season: Season): boolean {
    // what tells the time by the clock reports an hour that comes twice but once
    if (this.#hasClockTimes && season.isSecondRun) return false;
    const age = period + 1 - (this.#first[object] ?? 0);
    if (age < this.#perDay) return false;
    const base = object * HOURS;
    const own = this.#share[base + season.kind * 24 + season.hour] ?? 0;
    if (age >= 7 * this.#perDay) return own >= this.#rules.regularShare * FULL;
    const other = Math.max(
      this.#share[base + season.hour] ?? 0,
      this.#share[base + 24 + season.hour] ?? 0,
      this.#share[base + 48 + season.hour] ?? 0,
    );
    return Math.max(own, other) >= this.#rules.regularShare * FULL;
  }

  #learn(object: number, period: number, season: Season, target: number): void {
    const at = object * HOURS + season.kind * 24 + season.hour;
    const days = (period + 1 - (this.#first[object] ?? 0)) / this.#perDay;
    const visits = Math.max(1, this.#perDay / 24);
    const rate = Math.max(1 / (days + 1), 1 / MEMORY_DAYS) / visits;
    const old = this.#share[at] ?? 0;
    // 0 = this hour was never seen: the first time sets the share, later ones move it
    let next = old === 0 ? target : Math.round(old + rate * (target - old));
    if (next === old && old !== target) next += Math.sign(target - old);
    this.#share[at] = next < 1 ? 1 : next;
  }
}
