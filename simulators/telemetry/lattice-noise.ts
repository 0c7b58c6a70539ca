import { mix3 } from '../random.js';

/** Nearly normal from one hash: the sum of its four bytes, standardised. */
function bellOf(hash: number): number {
  const sum = (hash & 255) + ((hash >>> 8) & 255) + ((hash >>> 16) & 255) + (hash >>> 24);
  return (sum - 510) / 147.8;
}

/**
 * Noise that drifts: independent values every `step` positions, smoothly joined. Needs no history,
 * so that any period can be computed alone. @returns mean 0, standard deviation about 0.85
 */
export function latticeNoise(seed: number, series: number, position: number, step: number): number {
  const at = position / step;
  const cell = Math.floor(at);
  const part = at - cell;
  const blend = part * part * (3 - 2 * part);
  const before = bellOf(mix3(seed, series, cell));
  const after = bellOf(mix3(seed, series, cell + 1));
  return before + (after - before) * blend;
}
