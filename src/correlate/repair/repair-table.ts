import { stretchAt } from './grid.js';
import type { PastRepair } from './past-repair.js';

/** An end known more finely than this is taken to lie in the second before; ms. */
const FINEST_MS = 1000;

/**
 * Past incidents cut into stretches of one age bin and one clock block, as flat columns. A subject's
 * stretches follow each other; the last ones, from `endFrom`, are those its end may lie in.
 */
export interface RepairTable {
  readonly subjects: readonly PastRepair[];
  /** subject → its first stretch; one more entry than subjects */
  readonly from: Int32Array;
  /** subject → its first stretch in which it may have ended; the next subject's when censored */
  readonly endFrom: Int32Array;
  /** stretch → its subject, age bin, clock block and length in ms */
  readonly subject: Int32Array;
  readonly bin: Uint8Array;
  readonly clock: Uint8Array;
  readonly lengthMs: Float64Array;
}

/** Ages in ms between which a subject was watched, and after which it may have ended. */
export function watched(past: PastRepair): { fromMs: number; endMs: number; toMs: number } {
  const { startedAtMs, knownAtMs, endedAfterMs, endedByMs } = past;
  const fromMs = Math.max(0, knownAtMs - startedAtMs);
  if (endedByMs === null) {
    const toMs = Math.max(fromMs, endedAfterMs - startedAtMs);
    return { fromMs, endMs: toMs, toMs };
  }
  const toMs = Math.max(fromMs + FINEST_MS, endedByMs - startedAtMs);
  const afterMs = Math.min(endedAfterMs - startedAtMs, toMs - FINEST_MS);
  return { fromMs, endMs: Math.max(fromMs, afterMs), toMs };
}

/** Cuts the past into stretches. @param edges rising ages in ms, at most 255 */
export function cutIntoStretches(
  past: readonly PastRepair[],
  edges: readonly number[],
): RepairTable {
  const subject: number[] = [];
  const bin: number[] = [];
  const clock: number[] = [];
  const lengthMs: number[] = [];
  const from: number[] = [];
  const endFrom: number[] = [];
  for (const [i, each] of past.entries()) {
    const { fromMs, endMs, toMs } = watched(each);
    const cut = (startMs: number, untilMs: number): void => {
      for (let atMs = startMs; atMs < untilMs; ) {
        const stretch = stretchAt(edges, each, atMs);
        const nextMs = Math.min(stretch.untilMs, untilMs);
        subject.push(i);
        bin.push(stretch.bin);
        clock.push(stretch.clock);
        lengthMs.push(nextMs - atMs);
        atMs = nextMs;
      }
    };
    from.push(subject.length);
    cut(fromMs, endMs);
    endFrom.push(subject.length);
    cut(endMs, toMs);
  }
  from.push(subject.length);
  return {
    subjects: past,
    from: Int32Array.from(from),
    endFrom: Int32Array.from(endFrom),
    subject: Int32Array.from(subject),
    bin: Uint8Array.from(bin),
    clock: Uint8Array.from(clock),
    lengthMs: Float64Array.from(lengthMs),
  };
}
