import type { SeenCalls } from './surge-belief.js';

/**
 * One count for each stretch of time, summed over queues: those that tell most of the incident first,
 * as long as adding one more tells more (signal squared against variance), so that a busy queue that
 * few of its callers reach does not drown the others.
 */
export function mergeSeen(seen: readonly SeenCalls[]): SeenCalls[] {
  const stretches = new Map<string, SeenCalls[]>();
  for (const each of seen) {
    const key = `${each.fromMs} ${each.toMs}`;
    const own = stretches.get(key);
    if (own) own.push(each);
    else stretches.set(key, [each]);
  }
  return [...stretches.values()]
    .flatMap((own) => mergeOne(own))
    .sort((a, b) => a.fromMs - b.fromMs);
}

function mergeOne(seen: readonly SeenCalls[]): SeenCalls[] {
  const ranked = [...seen].sort((a, b) => tells(b) - tells(a));
  let sum: SeenCalls | undefined;
  for (const each of ranked) {
    if (!sum) {
      sum = each;
      continue;
    }
    const both: SeenCalls = {
      fromMs: sum.fromMs,
      toMs: sum.toMs,
      calls: sum.calls + each.calls,
      others: sum.others + each.others,
      othersVariance: sum.othersVariance + each.othersVariance,
      share: sum.share + each.share,
    };
    if (signal(both) < signal(sum)) break;
    sum = both;
  }
  return sum ? [sum] : [];
}

function tells({ share, othersVariance }: SeenCalls): number {
  return share / (othersVariance + 1);
}

function signal({ share, othersVariance }: SeenCalls): number {
  return share ** 2 / (othersVariance + 1);
}
