/**
 * What a fault does to cells between two moments. Rates are added, factors multiplied, each in
 * proportion to the share of the period they cover; with `rampMs` they grow from nothing.
 */
export interface CellEffect {
  readonly fromMs: number;
  readonly toMs: number;
  readonly cells: readonly number[];
  /** out of service: nothing is carried */
  readonly isOut?: boolean;
  /** while out the cell cannot report either; else its reports show zeros */
  readonly isSilent?: boolean;
  /** reports are lost on the way; the cell itself is well */
  readonly isUncollected?: boolean;
  /** reports well and on air, but nobody gets on */
  readonly isAsleep?: boolean;
  /** people who want service, 1 is ordinary */
  readonly demandFactor?: number;
  readonly throughputFactor?: number;
  readonly rrcFailure?: number;
  readonly erabFailure?: number;
  readonly dropRate?: number;
  readonly rampMs?: number;
}

/** How every cell is during one period. Reused from period to period. */
export class Conditions {
  /** share of the period out of service */
  readonly out: Float64Array;
  readonly asleep: Float64Array;
  /** 1: no report comes */
  readonly missing: Uint8Array;
  readonly demandFactor: Float64Array;
  readonly throughputFactor: Float64Array;
  readonly rrcFailure: Float64Array;
  readonly erabFailure: Float64Array;
  readonly dropRate: Float64Array;

  constructor(cells: number) {
    this.out = new Float64Array(cells);
    this.asleep = new Float64Array(cells);
    this.missing = new Uint8Array(cells);
    this.demandFactor = new Float64Array(cells);
    this.throughputFactor = new Float64Array(cells);
    this.rrcFailure = new Float64Array(cells);
    this.erabFailure = new Float64Array(cells);
    this.dropRate = new Float64Array(cells);
  }

  /** Computes the period from all effects that touch it. */
  compute(effects: readonly CellEffect[], fromMs: number, toMs: number): void {
    for (const zeroed of [
      this.out,
      this.asleep,
      this.rrcFailure,
      this.erabFailure,
      this.dropRate,
    ]) {
      zeroed.fill(0);
    }
    this.missing.fill(0);
    this.demandFactor.fill(1);
    this.throughputFactor.fill(1);
    for (const effect of effects) {
      if (effect.fromMs < toMs && effect.toMs > fromMs) this.#apply(effect, fromMs, toMs);
    }
  }

  #apply(effect: CellEffect, fromMs: number, toMs: number): void {
    const covered = Math.min(toMs, effect.toMs) - Math.max(fromMs, effect.fromMs);
    const ramp = effect.rampMs ?? 0;
    const grown = ramp > 0 ? Math.min(1, (toMs - effect.fromMs) / ramp) : 1;
    const share = (covered / (toMs - fromMs)) * grown;
    const isMissing =
      effect.toMs >= toMs && (effect.isSilent === true || effect.isUncollected === true);
    const towards = (factor: number | undefined): number => 1 + ((factor ?? 1) - 1) * share;
    for (const cell of effect.cells) {
      if (effect.isOut === true) this.out[cell] = Math.min(1, (this.out[cell] ?? 0) + share);
      if (effect.isAsleep === true) {
        this.asleep[cell] = Math.min(1, (this.asleep[cell] ?? 0) + share);
      }
      if (isMissing) this.missing[cell] = 1;
      this.demandFactor[cell] = (this.demandFactor[cell] ?? 1) * towards(effect.demandFactor);
      this.throughputFactor[cell] =
        (this.throughputFactor[cell] ?? 1) * towards(effect.throughputFactor);
      this.rrcFailure[cell] = (this.rrcFailure[cell] ?? 0) + (effect.rrcFailure ?? 0) * share;
      this.erabFailure[cell] = (this.erabFailure[cell] ?? 0) + (effect.erabFailure ?? 0) * share;
      this.dropRate[cell] = (this.dropRate[cell] ?? 0) + (effect.dropRate ?? 0) * share;
    }
  }
}
