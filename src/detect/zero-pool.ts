import type { StateReader, StateWriter } from './state-codec.js';

const BINS = 64;

/**
 * How often traffic is honestly zero, by how far below expectation zero lies at that hour (in
 * robust standard deviations): small cells at night have it often, busy cells at noon never. Pooled
 * over the series of one KPI; whole numbers, so that order does not matter.
 */
export class ZeroPool {
  readonly #trials = new Float64Array(BINS);
  readonly #zeros = new Float64Array(BINS);
  readonly #surprise = new Float64Array(BINS);

  constructor() {
    this.endPeriod();
  }

  /** Counts one healthy reading. @param depth deviation that a zero has or would have, > 0 */
  add(depth: number, isZero: boolean): void {
    const bin = depth >= BINS ? BINS - 1 : depth | 0;
    this.#trials[bin] = (this.#trials[bin] ?? 0) + 1;
    if (isZero) this.#zeros[bin] = (this.#zeros[bin] ?? 0) + 1;
  }

  /** @returns -ln P(zero at this depth or deeper), in nats */
  surprise(depth: number): number {
    if (depth <= 0) return 0;
    return this.#surprise[depth >= BINS ? BINS - 1 : depth | 0] ?? 0;
  }

  /** Works the shares out anew; to be called once a period. */
  endPeriod(): void {
    let trials = 0;
    let zeros = 0;
    for (let i = BINS - 1; i >= 0; i--) {
      trials += this.#trials[i] ?? 0;
      zeros += this.#zeros[i] ?? 0;
      this.#surprise[i] = -Math.log((zeros + 0.5) / (trials + 1));
    }
  }

  save(writer: StateWriter, name: string): void {
    writer.array(`${name}.trials`, this.#trials);
    writer.array(`${name}.zeros`, this.#zeros);
  }

  load(reader: StateReader, name: string): void {
    reader.into(`${name}.trials`, this.#trials);
    reader.into(`${name}.zeros`, this.#zeros);
    this.endPeriod();
  }
}
