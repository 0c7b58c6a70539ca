/** Wanted rate of false incidents, as `rules/detection.yaml` has it. */
export interface FalseBudget {
  readonly falseIncidentsPer1000CellsPerMonth: number;
}

/** What incidents were marked as, by how sure they were; for storing. */
export interface StoredRecord {
  readonly opened: readonly number[];
  readonly marked: readonly number[];
  readonly cellMonths: number;
  readonly sinceMs: number | null;
}

/** Doubts below which an incident belongs to the next grade. */
const GRADES = [0.01, 0.001];
/** An incident's own doubt weighs as much as so many past incidents of its grade. */
const OWN_WEIGHT = 50;
/** The threshold is never raised by more nats than this: fifty times the evidence. */
const MOST_NATS = 4;
const MONTH_MS = 2_629_800_000;
/** After so long what was marked counts half. */
const HALF_LIFE_MS = 31_557_600_000;

/**
 * What operators made of past incidents, and what follows from it. Only acts in the journal are
 * counted, so that a replay has the same record.
 */
export class TrackRecord {
  readonly #wanted: FalseBudget;
  #opened = GRADES.map(() => 0).concat(0);
  #marked = GRADES.map(() => 0).concat(0);
  /** thousands of cells times months watched */
  #cellMonths = 0;
  #sinceMs = Number.NEGATIVE_INFINITY;

  constructor(wanted: FalseBudget) {
    this.#wanted = wanted;
  }

  /** Time passes with so many cells watched; the older past fades. */
  elapse(cells: number, nowMs: number): void {
    const passedMs = Number.isFinite(this.#sinceMs) ? Math.max(0, nowMs - this.#sinceMs) : 0;
    this.#sinceMs = nowMs;
    const kept = 2 ** (-passedMs / HALF_LIFE_MS);
    this.#opened = this.#opened.map((count) => count * kept);
    this.#marked = this.#marked.map((count) => count * kept);
    this.#cellMonths = this.#cellMonths * kept + (cells / 1000) * (passedMs / MONTH_MS);
  }

  /** Grade of an incident by its doubt, 0 the least sure. */
  gradeOf(doubt: number): number {
    return GRADES.filter((limit) => doubt < limit).length;
  }

  /** An incident opened, or one that had opened became surer. @param before its grade until now */
  noteOpened(grade: number, before: number | null = null): void {
    this.#opened[grade] = (this.#opened[grade] ?? 0) + 1;
    if (before !== null) this.#opened[before] = Math.max(0, (this.#opened[before] ?? 0) - 1);
  }

  /** An operator says that one of the grade was no incident. */
  noteMarked(grade: number): void {
    this.#marked[grade] = (this.#marked[grade] ?? 0) + 1;
  }

  /**
   * Probability that an incident is none: its own doubt as the mean of a beta prior worth
   * `OWN_WEIGHT` incidents, brought up to date by what became of those of its grade.
   * @param doubt one minus the posterior of its evidence, in [0,1]
   */
  doubtOf(doubt: number, grade: number): number {
    const marked = this.#marked[grade] ?? 0;
    const opened = Math.max(marked, this.#opened[grade] ?? 0);
    return (OWN_WEIGHT * doubt + marked) / (OWN_WEIGHT + opened);
  }

  /**
   * Nats by which more evidence is asked for before an incident opens: the logarithm of the rate of
   * false incidents over the wanted one, as the posterior mean of a Poisson rate under a gamma prior
   * of one incident in the time in which the budget allows one. Between 0 and `MOST_NATS`: who marks
   * nothing says nothing, so that a clean record does not loosen it.
   */
  extraNats(): number {
    const marked = this.#marked.reduce((sum, count) => sum + count, 0);
    const allowed = this.#wanted.falseIncidentsPer1000CellsPerMonth * this.#cellMonths;
    return Math.min(MOST_NATS, Math.max(0, Math.log((1 + marked) / (1 + allowed))));
  }

  /** For storing. */
  stored(): StoredRecord {
    const sinceMs = Number.isFinite(this.#sinceMs) ? this.#sinceMs : null;
    const { opened, marked } = { opened: this.#opened, marked: this.#marked };
    return { opened, marked, cellMonths: this.#cellMonths, sinceMs };
  }

  restore({ opened, marked, cellMonths, sinceMs }: StoredRecord): void {
    this.#opened = [...opened];
    this.#marked = [...marked];
    this.#cellMonths = cellMonths;
    this.#sinceMs = sinceMs ?? Number.NEGATIVE_INFINITY;
  }
}
