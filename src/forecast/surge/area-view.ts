import type { QueueCalls } from '../queue-calls.js';
import type { IncidentLoad } from './incident-load.js';

/** Areas help when they tell at least this share of the queue's calls apart … */
const LEAST_TOLD = 0.2;
/** … and an incident's areas hold less than this of those. */
const MOST_ORDINARY = 0.8;

/** The part of a queue's calls by which one incident is judged. */
export interface AreaView {
  readonly areas: ReadonlySet<string>;
  /** share of the queue's ordinary calls that comes from there */
  readonly ordinary: number;
  /** share of the incident's calls that is counted there */
  readonly own: number;
}

/** Where an incident's calls stand out from the rest; undefined when areas tell nothing. */
export function areaViewOf(load: IncidentLoad, calls: QueueCalls): AreaView | undefined {
  const areas = new Set(Object.keys(load.areas).filter((area) => calls.knowsArea(area)));
  if (areas.size === 0) return undefined;
  const ordinary = calls.areaShare(areas);
  const told = shareTold(calls);
  if (told < LEAST_TOLD || ordinary > MOST_ORDINARY * told) return undefined;
  return { areas, ordinary, own: shareWithin(load, calls, areas) };
}

/** Share of an incident's calls that is counted in some areas. */
export function shareWithin(
  load: IncidentLoad,
  calls: QueueCalls,
  areas: ReadonlySet<string>,
): number {
  const known = Object.entries(load.areas).filter(([area]) => calls.knowsArea(area));
  if (known.length === 0) return calls.areaShare(areas);
  const within = known.reduce((sum, [area, share]) => sum + (areas.has(area) ? share : 0), 0);
  return shareTold(calls) * Math.min(1, within);
}

/** Share of calls that carry an area. */
function shareTold(calls: QueueCalls): number {
  return 1 - calls.areaShare(new Set(['']));
}
