import type { Incident } from '../../../domain/incident.js';
import type { ReplayStep } from '../../../replay.js';
import type { TruthRow } from '../../../scoring/replay-document.js';

/** When a true incident first stood in the list as it is; epoch ms by the clock on the wall. */
export interface Listing {
  /** most of the cells it had taken by then in one incident, suspected or more */
  readonly atMs: number;
  /** the same under its right cause, or one over the very same cells; undefined when never */
  readonly withCauseAtMs: number | undefined;
}

/** Share of a true incident's cells that an incident must hold for a person to see it there. */
const MOST = 0.5;

interface Awaited {
  readonly rows: readonly TruthRow[];
  atMs: number | undefined;
  withCauseAtMs: number | undefined;
}

/** Follows what a person watching the list of incidents sees of the true ones, and when. */
export class ListWatch {
  readonly #truth = new Map<string, Awaited>();

  constructor(truth: readonly TruthRow[]) {
    for (const { incidentId } of truth) {
      if (this.#truth.has(incidentId)) continue;
      const rows = truth.filter((row) => row.incidentId === incidentId);
      this.#truth.set(incidentId, { rows, atMs: undefined, withCauseAtMs: undefined });
    }
  }

  /** True incidents that were listed, by id. */
  get listings(): ReadonlyMap<string, Listing> {
    const listed = new Map<string, Listing>();
    for (const [id, { atMs, withCauseAtMs }] of this.#truth)
      if (atMs !== undefined) listed.set(id, { atMs, withCauseAtMs });
    return listed;
  }

  /** Takes in what changed. */
  note({ nowMs, changes }: ReplayStep): void {
    for (const { incident } of changes) {
      if (!['suspected', 'open', 'recovering'].includes(incident.state)) continue;
      for (const awaited of this.#truth.values()) {
        if (awaited.withCauseAtMs !== undefined || !holds(incident, awaited.rows, nowMs)) continue;
        awaited.atMs ??= nowMs;
        if (namesCause(incident, awaited.rows[0])) awaited.withCauseAtMs = nowMs;
      }
    }
  }
}

function holds({ cells }: Incident, rows: readonly TruthRow[], nowMs: number): boolean {
  const begun = rows.filter(({ startedAtMs }) => startedAtMs <= nowMs);
  const held = new Set(cells.map(({ cellId }) => cellId));
  const found = begun.filter(({ cellId }) => held.has(cellId)).length;
  return found > 0 && found >= MOST * begun.length;
}

function namesCause({ cause }: Incident, row: TruthRow | undefined): boolean {
  if (row === undefined || row.causeId === null) return true;
  const named = [cause, ...(cause.candidates[0]?.alike ?? [])];
  return named.some(({ id }) => id === row.causeId);
}
