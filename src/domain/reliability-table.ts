/** A stated probability and whether what it was stated of is so. */
export interface Stated {
  readonly probability: number;
  readonly isTrue: boolean;
}

/** One bin of a reliability table; shares are null when it is empty. */
export interface ReliabilityBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly meanStated: number | null;
  readonly shareTrue: number | null;
}

const BINS = 10;

/** Ten equal bins from 0 to 1; a stated 1 belongs to the last. */
export function reliabilityTable(stated: readonly Stated[]): ReliabilityBin[] {
  return Array.from({ length: BINS }, (_, bin) => {
    const inside = stated.filter(
      ({ probability }) => Math.min(BINS - 1, Math.floor(probability * BINS)) === bin,
    );
    const count = inside.length;
    const mean = (of: (each: Stated) => number): number | null =>
      count === 0 ? null : inside.reduce((sum, each) => sum + of(each), 0) / count;
    return {
      from: bin / BINS,
      to: (bin + 1) / BINS,
      count,
      meanStated: mean(({ probability }) => probability),
      shareTrue: mean(({ isTrue }) => (isTrue ? 1 : 0)),
    };
  });
}

/**
 * Mean squared distance between what was stated and what is so (Brier 1950, equation 2, for one
 * outcome): 0 is perfect, 0.25 is what stating one half each time gives. Null when nothing was stated.
 */
export function brierScore(stated: readonly Stated[]): number | null {
  if (stated.length === 0) return null;
  const squares = stated.map(({ probability, isTrue }) => (probability - (isTrue ? 1 : 0)) ** 2);
  return squares.reduce((sum, each) => sum + each, 0) / stated.length;
}
