import { lostService } from './incident-load.js';
import type { IncidentJudge, JudgedIncident } from './surge-model.js';
import type { SurgeLesson } from './surge-prior.js';

const MOST_ROUGHNESS = 0.2;
/** Fewer calls than this in a stretch tell nothing of how rough a curve is. */
const LEAST_CALLS = 5;

/**
 * What an incident that is over taught, from a judge that lets all evidence count alike.
 * @param of one of the judge's incidents, ended
 */
export function lessonOf(
  judge: IncidentJudge,
  of: JudgedIncident,
  frame: {
    readonly queues: Iterable<string>;
    readonly intervalSeconds: number;
    readonly untilMs: number;
  },
): SurgeLesson {
  const { load } = of;
  const stepMs = frame.intervalSeconds * 1000;
  const explained = [...frame.queues].map((queue) => {
    const calls: [number, number][] = [];
    const first = Math.floor(load.startedAtMs / stepMs) * stepMs;
    for (let at = first; at < frame.untilMs; at += stepMs) {
      const own = judge.callsIn(of, queue, at, at + stepMs);
      if (own >= 0.05) calls.push([at, Math.round(own * 100) / 100]);
    }
    return { queue, calls };
  });
  return {
    incidentId: load.incidentId,
    endedAtMs: load.endedAtMs ?? frame.untilMs,
    service: lostService(load),
    habits: judge.evidenceOf(of),
    roughness: roughnessOf(judge, of),
    explained: explained.filter(({ calls }) => calls.length > 0),
  };
}

/** How far counts were off the curve beyond chance, relative to the incident's calls; by moments. */
function roughnessOf(judge: IncidentJudge, of: JudgedIncident): number {
  let [beyond, square] = [0, 0];
  for (const { fromMs, toMs, calls, others, othersVariance, share } of of.seen) {
    const own = share * judge.callsOf(of, fromMs, toMs);
    if (own < LEAST_CALLS) continue;
    beyond += (calls - others - own) ** 2 - othersVariance - own;
    square += own ** 2;
  }
  if (square === 0) return of.prior.roughness;
  return Math.min(MOST_ROUGHNESS, Math.max(0, beyond / square));
}
