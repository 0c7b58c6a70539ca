import type { ShapeFit, ShapeSample } from './shape-model.js';

/**
 * Works shapes out, off the hot path where there is a thread to spare. What it answers depends on
 * the sample alone; when it does not, since the swap is at a fixed moment of network time.
 */
export interface ShapeFitter {
  begin(sample: ShapeSample): ShapeFit;
}
