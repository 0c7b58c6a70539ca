import { DateTime, IANAZone } from 'luxon';

/** A record as a file or a program gives it, by column name. */
export type ImportRecord = Readonly<Record<string, string | number | boolean | null | undefined>>;

const ISO =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/i;
const EARLIEST_MS = Date.UTC(1970, 0, 1);
const LATEST_MS = Date.UTC(2100, 0, 1);

/** Columns are found whatever their case and separators: `intervalSeconds` is `interval_seconds`. */
export function columnKey(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[_\s-]/g, '');
}

/**
 * Reads the fields of one row at a time. The first thing wrong with a row stays in `problem`;
 * readers then return something harmless, since the row is rejected anyway.
 */
export class RowReader {
  readonly #places: ReadonlyMap<string, number>;
  /** the same by the names that kinds ask with, as they come up; -1: not there */
  readonly #asked = new Map<string, number>();
  readonly #zone: string;
  #fields: readonly string[] = [];
  #problem: string | undefined;

  /** @param zone IANA zone of times without an offset */
  constructor(columns: readonly string[], zone: string) {
    this.#places = new Map(columns.map((name, place) => [columnKey(name), place]));
    this.#zone = zone;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  start(fields: readonly string[]): void {
    this.#fields = fields;
    this.#problem = undefined;
  }

  has(column: string): boolean {
    return this.#place(column) >= 0;
  }

  #place(column: string): number {
    let place = this.#asked.get(column);
    if (place === undefined) {
      place = this.#places.get(columnKey(column)) ?? -1;
      this.#asked.set(column, place);
    }
    return place;
  }

  reject(problem: string): void {
    this.#problem ??= problem;
  }

  /** Text without surrounding blanks; null when absent or empty. */
  optional(column: string, longest = 256): string | null {
    const text = (this.#fields[this.#place(column)] ?? '').trim();
    if (text === '') return null;
    if (text.includes('\ufffd')) this.reject(`${column} is not valid UTF-8`);
    if (text.includes('\u0000')) this.reject(`${column} holds the character U+0000`);
    if (text.length > longest) {
      this.reject(`${column} has ${text.length} characters, allowed: at most ${longest}`);
    }
    return text;
  }

  text(column: string, longest = 256): string {
    const text = this.optional(column, longest);
    if (text === null) this.reject(`${column} is empty`);
    return text ?? '';
  }

  oneOf(column: string, allowed: readonly string[], fallback: string): string {
    const text = this.optional(column) ?? fallback;
    if (allowed.includes(text)) return text;
    const found = allowed.find((each) => each.toLowerCase() === text.toLowerCase());
    if (found === undefined) {
      this.reject(`${column} was "${text}", allowed: ${allowed.join(', ')}`);
    }
    return found ?? fallback;
  }

  optionalNumber(column: string, least: number, greatest: number): number | null {
    const text = this.optional(column, 40);
    if (text === null) return null;
    const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
    if (Number.isFinite(value) && value >= least && value <= greatest) return value;
    this.reject(
      `${column} was "${text}", allowed: a number ${Number.isFinite(greatest) ? `from ${least} to ${greatest}` : `of at least ${least}`}`,
    );
    return null;
  }

  number(column: string, least: number, greatest: number): number {
    const value = this.optionalNumber(column, least, greatest);
    if (value === null && this.#problem === undefined) this.reject(`${column} is empty`);
    return value ?? 0;
  }

  boolean(column: string, fallback: boolean): boolean {
    const text = this.optional(column)?.toLowerCase();
    if (text === undefined) return fallback;
    if (['true', 't', 'yes', 'y', '1', 'oui', 'vrai'].includes(text)) return true;
    if (['false', 'f', 'no', 'n', '0', 'non', 'faux'].includes(text)) return false;
    this.reject(`${column} was "${text}", allowed: true, false`);
    return fallback;
  }

  /** ISO 8601 in UTC, or null when absent. Epoch seconds and milliseconds are read too. */
  optionalTime(column: string): string | null {
    const text = this.optional(column, 40);
    if (text === null) return null;
    const ms = this.#timeMs(text);
    if (ms >= EARLIEST_MS && ms < LATEST_MS) return new Date(ms).toISOString();
    this.reject(`${column} was "${text}", allowed: a time such as 2024-05-31T14:00:00Z`);
    return null;
  }

  time(column: string): string {
    const time = this.optionalTime(column);
    if (time === null && this.#problem === undefined) this.reject(`${column} is empty`);
    return time ?? '1970-01-01T00:00:00.000Z';
  }

  zone(column: string): string | null {
    const zone = this.optional(column);
    if (zone !== null && !isZone(zone)) {
      this.reject(`${column} was "${zone}", allowed: an IANA time zone such as Europe/Paris`);
    }
    return zone;
  }

  #timeMs(text: string): number {
    if (/^\d{9,10}$/.test(text)) return Number(text) * 1000;
    if (/^\d{12,13}$/.test(text)) return Number(text);
    const [, day, time = '00:00', offset] = ISO.exec(text) ?? [];
    if (day === undefined) return Number.NaN;
    const plain = `${day}T${time}`;
    if (!isDay(day)) return Number.NaN;
    if (offset !== undefined) {
      return Date.parse(
        `${plain}${offset.length === 5 ? `${offset.slice(0, 3)}:${offset.slice(3)}` : offset}`,
      );
    }
    if (this.#zone === 'UTC') return Date.parse(`${plain}Z`);
    return DateTime.fromISO(plain, { zone: this.#zone }).toMillis();
  }
}

/** Date.parse rolls 31 April over to 1 May. */
function isDay(text: string): boolean {
  const ms = Date.parse(`${text}T00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

const zones = new Map<string, boolean>();

function isZone(zone: string): boolean {
  let known = zones.get(zone);
  if (known === undefined) {
    known = IANAZone.isValidZone(zone);
    if (zones.size < 1000) zones.set(zone, known);
  }
  return known;
}
