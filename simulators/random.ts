/** Mixes integers into 32 well-spread bits (MurmurHash3 finaliser over a running hash). */
export function mix32(...parts: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const part of parts) {
    hash = Math.imul(hash ^ part, 0x85ebca6b);
    hash ^= hash >>> 13;
    hash = Math.imul(hash, 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 0;
}

/** `mix32` of three integers without a list. */
export function mix3(a: number, b: number, c: number): number {
  let hash = 0x9e3779b9;
  hash = Math.imul(hash ^ a, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16) ^ b, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16) ^ c, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** 32 bits from a text (FNV-1a). */
export function textHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix32(hash);
}

/**
 * Seeded random numbers (sfc32, passes PractRand). The same seed and purpose give the same numbers
 * on every machine; different purposes are independent, so that adding a draw in one part of the
 * simulator leaves the others as they were.
 */
export class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 1;
  #spare = Number.NaN;

  constructor(seed: number, purpose: string | number = 0) {
    const salt = typeof purpose === 'string' ? textHash(purpose) : purpose;
    this.reseed(seed, salt, 0);
  }

  /** Starts over from three integers, so that one generator serves many independent rows. */
  reseed(a: number, b: number, c: number): void {
    this.#a = mix3(a, b, c);
    this.#b = mix3(b, c, a + 1);
    this.#c = mix3(c, a, b + 2);
    this.#counter = 1;
    this.#spare = Number.NaN;
    for (let i = 0; i < 8; i++) this.bits();
  }

  /** 32 random bits as an unsigned integer. */
  bits(): number {
    const t = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (this.#c << 21) | (this.#c >>> 11);
    this.#c = (this.#c + t) | 0;
    return t >>> 0;
  }

  /** Uniform in [0,1). */
  next(): number {
    return this.bits() / 4294967296;
  }

  /** Uniform in [lo, hi). */
  between(lo: number, hi: number): number {
    return lo + (hi - lo) * this.next();
  }

  /** Uniform integer in [0, n). */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** @throws RangeError on an empty list */
  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('pick from an empty list');
    return item;
  }

  /** Standard normal (Marsaglia's polar method). */
  normal(): number {
    if (this.#spare === this.#spare) {
      const spare = this.#spare;
      this.#spare = Number.NaN;
      return spare;
    }
    for (;;) {
      const x = 2 * this.next() - 1;
      const y = 2 * this.next() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      this.#spare = y * scale;
      return x * scale;
    }
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  /** Gamma with the given shape and mean (Marsaglia and Tsang 2000). */
  gamma(shape: number, mean: number): number {
    if (shape < 1) {
      const larger = this.gamma(shape + 1, (mean * (shape + 1)) / shape);
      return larger * (1 - this.next()) ** (1 / shape);
    }
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - this.next()) < 0.5 * x * x + d - d * v + d * Math.log(v))
        return (d * v * mean) / shape;
    }
  }

  /** Poisson; above a mean of 50 by a rounded normal, whose error there is under 1 %. */
  poisson(mean: number): number {
    if (!(mean > 0)) return 0;
    if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const limit = Math.exp(-mean);
    let product = this.next();
    let count = 0;
    while (product > limit) {
      product *= this.next();
      count++;
    }
    return count;
  }

  /** Poisson whose mean itself varies: variance = mean + mean² / size. */
  negativeBinomial(mean: number, size: number): number {
    return mean > 0 ? this.poisson(this.gamma(size, mean)) : 0;
  }

  /** Successes of `trials` with probability `p`; by normal or Poisson approximation when large. */
  binomial(trials: number, p: number): number {
    if (trials <= 0 || p <= 0) return 0;
    if (p >= 1) return trials;
    if (p > 0.5) return trials - this.binomial(trials, 1 - p);
    const mean = trials * p;
    if (trials > 25 && mean < 25) return Math.min(trials, this.poisson(mean));
    if (trials > 25) {
      const drawn = Math.round(mean + Math.sqrt(mean * (1 - p)) * this.normal());
      return Math.min(trials, Math.max(0, drawn));
    }
    let successes = 0;
    for (let i = 0; i < trials; i++) if (this.next() < p) successes++;
    return successes;
  }
}
