import type { StateArray, StateReader, StateWriter } from './state-codec.js';

export const KNOTS = 24;
export const KINDS = 3;
export const BLOCKS = 8;

/** Where a series is in its life. */
export const PHASE = { gathering: 0, learning: 1, raised: 2, raisedZero: 3 } as const;

/** Fields per series and how many planes each takes. */
const FIELDS = {
  /** shape over the day for each kind of day, in steps of `knotStep` around `level` */
  knots: KINDS * KNOTS,
  /** scatter per block of three hours as round(SPREAD_STEPS · ln s) + SPREAD_ZERO; 0 = not known */
  spread: BLOCKS,
  level: 1,
  /** while gathering, the running mean of the values */
  unit: 1,
  evidence: 1,
  /** mean residual of the present run of bad periods */
  shift: 1,
  /** period number at which the present run began */
  since: 1,
  /** period number of the verdict */
  raisedAt: 1,
  lastBad: 1,
  /** readings learnt on each kind of day */
  seen: KINDS,
  /** the last residual in standard deviations, within ±3, in 1/40 */
  previous: 1,
  /** how much of a residual carries over to the next period, in 1/65535 */
  carry: 1,
  phase: 1,
  calm: 1,
  /** degree last told, in 1/255 */
  told: 1,
  /** what the shape it began with is worth, in quarters of a day of its own; 0 = it began with none */
  prior: 1,
} as const;
type Field = keyof typeof FIELDS;

/**
 * The state of every series of a lane in typed arrays, about 200 bytes a series, growing by
 * doubling. Series `s` has plane `p` of a field at `p * capacity + s`: one period needs two hours of
 * the profile and one block of the scatter, of all series, which so lie side by side.
 */
export class SeriesStore {
  knots = new Int16Array(0);
  spread = new Uint16Array(0);
  level = new Float32Array(0);
  unit = new Float32Array(0);
  evidence = new Float32Array(0);
  shift = new Float32Array(0);
  since = new Uint32Array(0);
  raisedAt = new Uint32Array(0);
  lastBad = new Uint32Array(0);
  seen = new Uint16Array(0);
  previous = new Int8Array(0);
  carry = new Uint16Array(0);
  phase = new Uint8Array(0);
  calm = new Uint8Array(0);
  told = new Uint8Array(0);
  prior = new Uint8Array(0);
  capacity = 0;

  /** Room for at least `series`, doubling; contents stay. */
  reserve(series: number): void {
    if (series <= this.capacity) return;
    let capacity = 64;
    while (capacity < series) capacity *= 2;
    // a whole power of two would put the same series of every plane on the same cache lines
    capacity += 16 * 37;
    for (const field of fieldsOf()) this.#replace(field, capacity);
    this.capacity = capacity;
  }

  /** Forgets one series, as if it had never reported. */
  clear(series: number): void {
    for (const field of fieldsOf()) {
      for (let plane = 0; plane < FIELDS[field]; plane++) {
        this[field][plane * this.capacity + series] = 0;
      }
    }
  }

  save(writer: StateWriter, name: string, series: number): void {
    for (const field of fieldsOf()) {
      for (let plane = 0; plane < FIELDS[field]; plane++) {
        const from = plane * this.capacity;
        writer.array(`${name}.${field}.${plane}`, this[field].subarray(from, from + series));
      }
    }
  }

  /**
   * @param columns for each KPI now, its place in the stored state, or -1 when it is new
   * @param storedWidth KPIs per object in the stored state
   */
  load(reader: StateReader, name: string, columns: readonly number[], storedWidth: number): void {
    const stored = reader.length(`${name}.level.0`);
    const objects = storedWidth === 0 ? 0 : stored / storedWidth;
    this.reserve(objects * columns.length);
    for (const field of fieldsOf()) {
      for (let plane = 0; plane < FIELDS[field]; plane++) {
        if (!reader.has(`${name}.${field}.${plane}`)) continue;
        const from = emptyLike(this[field], stored);
        reader.into(`${name}.${field}.${plane}`, from);
        this.#place(field, plane, from, { objects, columns, storedWidth });
      }
    }
  }

  #place(
    field: Field,
    plane: number,
    stored: StateArray,
    shape: { objects: number; columns: readonly number[]; storedWidth: number },
  ): void {
    const target = this[field];
    const width = shape.columns.length;
    for (const [to, from] of shape.columns.entries()) {
      if (from < 0) continue;
      for (let object = 0; object < shape.objects; object++) {
        const value = stored[object * shape.storedWidth + from] ?? 0;
        target[plane * this.capacity + object * width + to] = value;
      }
    }
  }

  #replace(field: Field, capacity: number): void {
    const old = this[field];
    const wide = emptyLike(old, capacity * FIELDS[field]);
    for (let plane = 0; plane < FIELDS[field]; plane++) {
      const from = plane * this.capacity;
      wide.set(old.subarray(from, from + this.capacity), plane * capacity);
    }
    Object.assign(this, { [field]: wide });
  }
}

function fieldsOf(): readonly Field[] {
  return Object.keys(FIELDS) as Field[];
}

function emptyLike<A extends StateArray>(array: A, length: number): A {
  const Type = array.constructor as new (length: number) => A;
  return new Type(length);
}
