import { type PackedPast, unpackPast } from './pack-past.js';
import { fitRepairModel, type RepairModel } from './repair-model.js';

/** What a model is learnt from; plain JSON. */
export interface RepairSample {
  readonly past: PackedPast;
  /** ends below which there is no model */
  readonly minEnds: number;
  readonly asOfMs: number;
}

/** A model being learnt: undefined until it is; null when too few had ended. */
export interface RepairFit {
  readonly result: RepairModel | null | undefined;
}

/**
 * Learns models off the hot path where there is a thread to spare. What it answers depends on the
 * sample alone; when it does not matter, since models are taken over at a fixed moment of network
 * time, and one that is not there by then is learnt on the spot.
 */
export interface RepairFitter {
  begin(sample: RepairSample): RepairFit;
}

/** Leaves it to the moment at which the model is needed. */
export const unhurriedFitter: RepairFitter = { begin: () => ({ result: undefined }) };

/** Learns from a sample. */
export function fitSample({ past, minEnds, asOfMs }: RepairSample): RepairModel | null {
  return fitRepairModel(unpackPast(past), { minEnds, asOfMs });
}
