import type pg from 'pg';
import type { ImpactSummary } from '../../domain/customer.js';
import { contentId } from '../../domain/ids.js';
import type { Incident } from '../../domain/incident.js';
import { cellLosses } from '../../impact/cell-loss.js';
import type { ImpactMapper } from '../../impact/ports.js';
import { type ImpactCounts, summarise } from '../../impact/rank.js';
import type { ImpactRules } from '../../impact/rules.js';
import { CLOSE_INCIDENT, COUNT_INCIDENT, HEALTHY_OVERLAP, MAP_INCIDENT } from './impact-sql.js';

interface MappingState {
  cells_key: string;
  mapped_at: Date;
  changed_at: Date;
  counts: ImpactCounts;
}

interface SegmentRow {
  segment: string;
  subscribers: number;
  machines: number;
  expected: number;
  loss: number;
  userMinutes: number;
  vulnerable: number;
  emergencyServices: number;
}

function isOver(incident: Incident): boolean {
  return incident.state === 'resolved' || incident.state === 'closed';
}

/** Everything the mapping depends on except time and whereabouts. */
function cellsKey(incident: Incident): string {
  const cells = incident.cells.map((cell) => `${cell.cellId}\t${cell.degree}\t${cell.since}`);
  return contentId('map', isOver(incident) ? 'over' : 'running', ...cells.sort());
}

/**
 * Works out who is affected, with set-based statements inside the caller's transaction. A mapping is
 * made again when cells or degrees changed, or after the rules' `remapMinutes`; in between only the
 * user-minutes are carried forward.
 */
export class PostgresImpactStore implements ImpactMapper<pg.ClientBase> {
  readonly #rules: ImpactRules;

  constructor(rules: ImpactRules) {
    this.#rules = rules;
  }

  async map(client: pg.ClientBase, incident: Incident, nowMs: number): Promise<ImpactSummary> {
    const key = cellsKey(incident);
    const state = await this.#stateOf(client, incident.id);
    if (state?.cells_key === key) {
      const ageMs = nowMs - state.mapped_at.getTime();
      if (isOver(incident) || ageMs < this.#rules.remapMinutes * 60_000) {
        const counts = isOver(incident) ? state.counts : carriedForward(state.counts, ageMs);
        return summarise(counts, incident, nowMs, this.#rules);
      }
    }
    const changed = await this.#write(client, incident, nowMs);
    const counts = await this.#count(client, incident, nowMs);
    const summary = summarise(counts, incident, nowMs, this.#rules);
    const now = new Date(nowMs);
    const changedAt = changed || !state ? now : state.changed_at;
    await client.query(
      `insert into impact_state (incident_id, cells_key, mapped_at, changed_at, counts)
       values ($1, $2, $3, $4, $5)
       on conflict (incident_id) do update set cells_key = excluded.cells_key,
         mapped_at = excluded.mapped_at, changed_at = excluded.changed_at, counts = excluded.counts`,
      [incident.id, key, now, changedAt, JSON.stringify(counts)],
    );
    await client.query(
      `insert into impact_history (incident_id, at, summary) values ($1, $2, $3)
       on conflict (incident_id, at) do update set summary = excluded.summary`,
      [incident.id, now, JSON.stringify(summary)],
    );
    return summary;
  }

  async #stateOf(client: pg.ClientBase, incidentId: string): Promise<MappingState | undefined> {
    const { rows } = await client.query<MappingState>(
      `select cells_key, mapped_at, changed_at, counts from impact_state where incident_id = $1`,
      [incidentId],
    );
    return rows[0];
  }

  /** @returns whether any subscriber was added or altered */
  async #write(client: pg.ClientBase, incident: Incident, nowMs: number): Promise<boolean> {
    if (isOver(incident)) {
      const endedAt = incident.endedAt === null ? new Date(nowMs) : new Date(incident.endedAt);
      await client.query(CLOSE_INCIDENT, [incident.id, endedAt]);
      return true;
    }
    const rules = this.#rules;
    const now = new Date(nowMs);
    const overlap = await client.query<{ cellId: string; overlap: number }>(HEALTHY_OVERLAP, [
      incident.cells.map(({ cellId }) => cellId),
      now,
    ]);
    const byCell = new Map(overlap.rows.map((row) => [row.cellId, row.overlap]));
    const lost = cellLosses(incident, byCell, rules);
    await client.query(`set local jit = off`);
    const { rows } = await client.query<{ changed: number; left: number }>(MAP_INCIDENT, [
      incident.id,
      lost.map((cell) => cell.cellId),
      lost.map((cell) => cell.degree),
      lost.map((cell) => new Date(cell.sinceMs)),
      now,
      rules.presence.halfLifeMinutes,
      rules.presence.maxAgeMinutes,
      rules.homeWeight,
      rules.minProbability,
      rules.noneAtDegree,
    ]);
    return (rows[0]?.changed ?? 0) > 0;
  }

  async #count(client: pg.ClientBase, incident: Incident, nowMs: number): Promise<ImpactCounts> {
    const { rows } = await client.query<SegmentRow>(COUNT_INCIDENT, [
      incident.id,
      new Date(nowMs),
      isOver(incident),
    ]);
    return addUp(rows);
  }
}

function addUp(rows: readonly SegmentRow[]): ImpactCounts {
  const total = (pick: (row: SegmentRow) => number): number =>
    rows.reduce((sum, row) => sum + pick(row), 0);
  const bySegment = (pick: (row: SegmentRow) => number): Record<string, number> =>
    Object.fromEntries(
      rows.filter((row) => row.subscribers > 0).map((row) => [row.segment, pick(row)]),
    );
  return {
    subscribers: total((row) => row.subscribers),
    machines: total((row) => row.machines),
    bySegment: bySegment((row) => row.subscribers),
    expectedBySegment: bySegment((row) => row.expected),
    lossBySegment: bySegment((row) => row.loss),
    userMinutes: total((row) => row.userMinutes),
    vulnerable: total((row) => row.vulnerable),
    emergencyServices: total((row) => row.emergencyServices),
  };
}

/** Counts some time after they were made, nobody having come or gone. */
function carriedForward(counts: ImpactCounts, ageMs: number): ImpactCounts {
  const lossPerMinute = Object.values(counts.lossBySegment).reduce((sum, loss) => sum + loss, 0);
  const minutes = Math.max(0, ageMs) / 60_000;
  return { ...counts, userMinutes: counts.userMinutes + lossPerMinute * minutes };
}
