import type { Member } from './member.js';

/** What is left of a day's say in the weights a day later. */
const MEMORY = 0.97;
/** Days of errors after which weights of least error count as much as those by rank. */
const TRUST_DAYS = 20;
/** By rank, a member's weight falls with this power of its mean squared error. */
const RANK_POWER = 3;
const STEPS = 200;

/**
 * Weights of members by their recent errors: those that would have made the least squared error
 * together (Bates & Granger 1969, none below 0), leaning on weights by each one's own error while
 * days are few. Errors count in calls, as WAPE does.
 */
export class Combination {
  readonly #names: readonly string[];
  readonly #products: Float64Array;
  #days = 0;

  constructor(members: readonly Member[]) {
    this.#names = members.map(({ name }) => name);
    this.#products = new Float64Array(members.length ** 2);
  }

  /** @param forecasts one row a member, NaN where it said nothing */
  score(forecasts: readonly Float64Array[], actual: Float64Array): void {
    const size = this.#names.length;
    const sums = new Float64Array(size * size);
    let total = 0;
    for (const [i, value] of actual.entries()) {
      if (Number.isNaN(value) || forecasts.some((row) => Number.isNaN(row[i] ?? Number.NaN)))
        continue;
      // A call more is worth 1 / (2 · value) on the stabilised scale.
      const worth = value * value;
      total += worth;
      for (let j = 0; j < size; j++) {
        for (let k = j; k < size; k++) {
          const left = value - (forecasts[j]?.[i] ?? 0);
          const right = value - (forecasts[k]?.[i] ?? 0);
          sums[j * size + k] = (sums[j * size + k] ?? 0) + worth * left * right;
        }
      }
    }
    if (total === 0) return;
    this.#days = MEMORY * this.#days + 1;
    for (let j = 0; j < size; j++) {
      for (let k = 0; k < size; k++) {
        const sum = sums[Math.min(j, k) * size + Math.max(j, k)] ?? 0;
        const at = j * size + k;
        this.#products[at] = MEMORY * (this.#products[at] ?? 0) + sum / total;
      }
    }
  }

  /** Shares of 1, in the order of the members. */
  weights(): number[] {
    const size = this.#names.length;
    if (this.#days === 0) return new Array<number>(size).fill(1 / size);
    const own = this.#names.map((_, k) => (this.#products[k * (size + 1)] ?? 0) + 1e-9);
    const ranked = shares(own.map((error) => error ** -RANK_POWER));
    const together = this.#leastError(ranked, Math.max(...own));
    const trust = this.#days / (this.#days + TRUST_DAYS);
    return ranked.map((weight, k) => weight + trust * ((together[k] ?? 0) - weight));
  }

  /** By member. */
  named(): Record<string, number> {
    const weights = this.weights();
    return Object.fromEntries(this.#names.map((name, k) => [name, weights[k] ?? 0]));
  }

  /** Exponentiated gradient on the simplex (Kivinen & Warmuth 1997). */
  #leastError(start: readonly number[], scale: number): number[] {
    const size = start.length;
    let weights = shares(start.map((weight) => weight + 0.01));
    for (let step = 0; step < STEPS; step++) {
      const slopes = weights.map((_, j) => {
        let slope = 0;
        for (let k = 0; k < size; k++)
          slope += (this.#products[j * size + k] ?? 0) * (weights[k] ?? 0);
        return slope / scale;
      });
      weights = shares(weights.map((weight, k) => weight * Math.exp(-2 * (slopes[k] ?? 0))));
    }
    return weights;
  }
}

function shares(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** The members' mean by weight, of those that say something; NaN where none does. */
export function combine(rows: readonly Float64Array[], weights: readonly number[]): Float64Array {
  const columns = rows[0]?.length ?? 0;
  return Float64Array.from({ length: columns }, (_, i) => {
    let sum = 0;
    let total = 0;
    for (const [k, row] of rows.entries()) {
      const value = row[i] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      const weight = (weights[k] ?? 0) + 1e-9;
      sum += weight * value;
      total += weight;
    }
    return total > 0 ? sum / total : Number.NaN;
  });
}
