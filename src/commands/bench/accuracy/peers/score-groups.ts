import { PERIOD_MS } from '../../../../../simulators/telemetry/calendar.js';
import type { ScoredIncident, TruthRow } from '../../../../scoring/replay-document.js';
import { type Scoring, scoreReplay } from '../../../../scoring/score-replay.js';
import type { Candidate } from './candidates.js';
import type { ObjectGraph } from './object-graph.js';

/** What a group's incident is said to be caused by: its object over the most cells. */
function widest(group: readonly Candidate[], graph: ObjectGraph): string {
  let best = group[0]?.object ?? '';
  for (const { object } of group) {
    if (graph.cellsUnder(object).size > graph.cellsUnder(best).size) best = object;
  }
  return best;
}

function asIncident(
  group: readonly Candidate[],
  number: number,
  graph: ObjectGraph,
): ScoredIncident {
  const iso = (ms: number): string => new Date(ms).toISOString();
  const ends = group.map(({ endedMs }) => endedMs ?? Number.POSITIVE_INFINITY);
  const endedMs = Math.max(...ends);
  const cells = new Set(group.flatMap(({ object }) => [...graph.cellsUnder(object)]));
  const [kind = '', ...id] = widest(group, graph).split('/');
  return {
    id: `G${number}`,
    startedAt: iso(Math.min(...group.map(({ startedMs }) => startedMs))),
    detectedAt: iso(Math.min(...group.map(({ atMs }) => atMs))),
    endedAt: Number.isFinite(endedMs) ? iso(endedMs) : null,
    cells: [...cells],
    cause: { kind, id: id.join('/'), candidates: [] },
  };
}

/** Scores groups as if each were an incident that opened with its first candidate. */
export function scoreGroups(
  groups: readonly (readonly Candidate[])[],
  graph: ObjectGraph,
  truth: readonly TruthRow[],
  span: { readonly cells: number; readonly from: string | null; readonly to: string | null },
): Scoring {
  const incidents = groups.map((group, number) => asIncident(group, number, graph));
  return scoreReplay({ ...span, anomalies: [], incidents }, truth, PERIOD_MS);
}
