import type pg from 'pg';
import type { Incident } from '../../domain/incident.js';
import { DAY_PARTS, DayPartClock } from '../../impact/day-parts.js';
import type { ImpactCounts } from '../../impact/rank.js';
import type { ImpactRules } from '../../impact/rules.js';
import {
  CARRY_COUNTS,
  CLOSE_RANGE,
  COUNT_INCIDENT,
  DROP_GONE_CELLS,
  ESTIMATE_INCIDENT,
  mapStatement,
  PEOPLE_OF_CELLS,
} from './impact-sql.js';
import type { ImpactState } from './impact-state.js';
import { placeOf } from './incident-place.js';

/** Whom to look at: everybody with an id above `from` up to `to`, or who is or was at some cells. */
export type ListScope =
  | { readonly from: number; readonly to: number }
  | { readonly cells: readonly number[] };

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

/** Runs the statements that bring lists of affected people up to their incidents. */
export class ImpactLists {
  readonly #rules: ImpactRules;
  readonly #isLearnt: boolean;

  /** @param isLearnt whether usual cells learnt by part of the week replace declared ones */
  constructor(rules: ImpactRules, isLearnt = false) {
    this.#rules = rules;
    this.#isLearnt = isLearnt;
  }

  /** How many people some cells may concern, counted to just above the limit. */
  async people(client: pg.ClientBase, cells: readonly number[], limit: number): Promise<number> {
    const { rows } = await client.query<{ people: number }>(PEOPLE_OF_CELLS, [cells, limit + 1]);
    return rows[0]?.people ?? 0;
  }

  async cellsOf(client: pg.ClientBase, incidentNo: number): Promise<number[]> {
    const { rows } = await client.query<{ cell_no: number }>(
      'select cell_no from incident_cells where incident_no = $1',
      [incidentNo],
    );
    return rows.map((row) => row.cell_no);
  }

  /**
   * Brings rows and counts up to the incident's cells for everybody in scope.
   * @returns the state with the times that changed
   */
  async map(
    client: pg.ClientBase,
    state: ImpactState,
    incident: Incident,
    scope: ListScope,
    nowMs: number,
  ): Promise<ImpactState> {
    // rows written now must be newer than all that a wave has covered
    const atMs = Math.max(nowMs, state.changedAt.getTime() + 1);
    await this.carry(client, state, atMs);
    const { presence, homeWeight, minProbability, noneAtDegree } = this.#rules;
    const bounds = 'cells' in scope ? [scope.cells] : [scope.from, scope.to];
    // statistics may be young: what is read are narrow ranges of large tables, always by index
    await client.query('set local enable_seqscan = off; set local jit = off');
    const { rows } = await client.query<{ changed: number; left: number }>(
      mapStatement('cells' in scope ? 'cells' : 'range', this.#isLearnt),
      [
        state.incidentNo,
        new Date(atMs),
        presence.halfLifeMinutes,
        presence.maxAgeMinutes,
        homeWeight,
        await this.#part(client, incident, nowMs),
        minProbability,
        noneAtDegree,
        ...bounds,
      ],
    );
    await client.query('set local enable_seqscan = on');
    const isChanged = (rows[0]?.changed ?? 0) > 0;
    return {
      ...state,
      countedAt: new Date(atMs),
      changedAt: isChanged ? new Date(atMs) : state.changedAt,
    };
  }

  /** Counts by cells alone, before anybody has been looked at. */
  async estimate(
    client: pg.ClientBase,
    incidentNo: number,
    incident: Incident,
    nowMs: number,
  ): Promise<ImpactCounts> {
    const { homeWeight, minProbability, noneAtDegree } = this.#rules;
    await client.query('set local enable_seqscan = off; set local jit = off');
    const { rows } = await client.query<SegmentRow>(ESTIMATE_INCIDENT, [
      incidentNo,
      new Date(nowMs),
      homeWeight,
      await this.#part(client, incident, nowMs),
      minProbability,
      noneAtDegree,
    ]);
    await client.query('set local enable_seqscan = on');
    return addUp(rows);
  }

  /** Brings user-minutes up to a time; the caller stores it as `countedAt`. */
  async carry(client: pg.ClientBase, state: ImpactState, untilMs: number): Promise<void> {
    await client.query(CARRY_COUNTS, [state.incidentNo, state.countedAt, new Date(untilMs)]);
  }

  /** Ends rows of a range of people. */
  async close(
    client: pg.ClientBase,
    incidentNo: number,
    endMs: number,
    range: { readonly from: number; readonly to: number },
  ): Promise<void> {
    await client.query(CLOSE_RANGE, [incidentNo, new Date(endMs), range.from, range.to]);
  }

  async dropGone(client: pg.ClientBase, incidentNo: number): Promise<void> {
    await client.query(DROP_GONE_CELLS, [incidentNo]);
  }

  /** The part of the week where the incident is; 0 when nothing is learnt. */
  async #part(client: pg.ClientBase, incident: Incident, nowMs: number): Promise<number> {
    if (!this.#isLearnt) return DAY_PARTS.any;
    const { zone } = await placeOf(client, incident.sites);
    return new DayPartClock(zone ?? 'UTC').at(nowMs);
  }
}

/** Counts of an incident's rows. @param isOver everybody ever affected counts */
export async function countIncident(
  client: pg.ClientBase,
  incidentNo: number,
  isOver: boolean,
): Promise<ImpactCounts> {
  const { rows } = await client.query<SegmentRow>(COUNT_INCIDENT, [incidentNo, isOver]);
  return addUp(rows);
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
