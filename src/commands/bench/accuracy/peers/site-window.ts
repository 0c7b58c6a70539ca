import type { Candidate } from './candidates.js';
import type { ObjectGraph } from './object-graph.js';

/**
 * The rule most operations centres begin with: candidates of one site within a fixed time of the
 * first are one incident; what is on no site is grouped by object.
 * @param candidates in order of time
 */
export function groupBySiteWindow(
  candidates: readonly Candidate[],
  graph: ObjectGraph,
  windowMs: number,
): Candidate[][] {
  const latest = new Map<string, Candidate[]>();
  const groups: Candidate[][] = [];
  for (const candidate of candidates) {
    const place = graph.siteOf(candidate.object) ?? candidate.object;
    const group = latest.get(place);
    const first = group?.[0];
    if (group && first && candidate.atMs - first.atMs <= windowMs) {
      group.push(candidate);
      continue;
    }
    const fresh = [candidate];
    latest.set(place, fresh);
    groups.push(fresh);
  }
  return groups;
}
