import type pg from 'pg';
import type { Incident } from '../../domain/incident.js';
import { eachService, SERVICES, type ServiceShares } from '../../domain/services.js';
import { DayPartClock } from '../../impact/day-parts.js';
import type { ImpactCounts } from '../../impact/rank.js';
import type { ImpactRules } from '../../impact/rules.js';
import { staySegments } from '../../impact/stay.js';
import { ExposureStore } from './exposure-store.js';
import { CARRY_COUNTS, CLOSE_RANGE } from './impact-close-sql.js';
import type { MappingScope } from './impact-evidence-sql.js';
import { COUNT_INCIDENT, estimateStatement, mapStatement, PEOPLE_OF_CELLS } from './impact-sql.js';
import type { ImpactState } from './impact-state.js';
import { DROP_GONE_CELLS, LOST_CELLS } from './incident-cells-sql.js';
import { placeOf } from './incident-place.js';

/** Whom to look at: everybody with an id above `from` up to `to`, or some people. */
export type ListScope =
  | { readonly from: number; readonly to: number }
  | { readonly people: readonly number[] };

interface SegmentRow {
  segment: string;
  subscribers: number;
  machines: number;
  expected: number;
  loss: number;
  userMinutes: number;
  ever: number;
  withoutVoice: number;
  vulnerable: number;
  emergencyServices: number;
  voice: number;
  data: number;
  sms: number;
}

/** Runs the statements that bring lists of affected people up to their incidents. */
export class ImpactLists {
  readonly #rules: ImpactRules;
  readonly #exposures: ExposureStore;

  constructor(rules: ImpactRules) {
    this.#rules = rules;
    this.#exposures = new ExposureStore(rules);
  }

  /** Whom some cells may concern; undefined when that may be more people than the limit. */
  async people(
    client: pg.ClientBase,
    cells: readonly number[],
    limit: number,
  ): Promise<number[] | undefined> {
    const { rows } = await client.query<{ rows: number; people: number[] }>(PEOPLE_OF_CELLS, [
      cells,
      limit + 1,
    ]);
    const [found] = rows;
    return found === undefined || found.rows > limit ? undefined : found.people;
  }

  async cellsOf(client: pg.ClientBase, incidentNo: number): Promise<number[]> {
    const { rows } = await client.query<{ cells: number[] }>(
      'select array_agg(cell_no) as cells from incident_cells where incident_no = $1',
      [incidentNo],
    );
    return rows[0]?.cells ?? [];
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
    const { whereabouts } = this.#rules;
    const clock = await clockOf(client, incident);
    const [kind, ...bounds] = boundsOf(scope);
    // statistics may be young: what is read are narrow ranges of large tables, always by index
    await client.query('set local enable_seqscan = off; set local jit = off');
    const { rows } = await client.query<{ changed: number; left: number }>(
      mapStatement(kind, whereabouts.mode),
      [
        state.incidentNo,
        new Date(atMs),
        ...weighingValues(this.#rules, clock, nowMs),
        ...lostValues(await lostCells(client, state.incidentNo)),
        ...lossValues(this.#rules, state.caught),
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
    const { whereabouts, minProbability } = this.#rules;
    const clock = await clockOf(client, incident);
    await client.query('set local enable_seqscan = off; set local jit = off');
    const { rows } = await client.query<SegmentRow>(estimateStatement(whereabouts.mode), [
      incidentNo,
      new Date(nowMs),
      clock.at(nowMs),
      minProbability,
      ...lostValues(await lostCells(client, incidentNo)),
      ...lossValues(this.#rules, {}).slice(0, 2),
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

  /**
   * Brings what the incident means for places up to its cells and the time.
   * @param changed cells that changed since; undefined: any may have, or the network
   */
  async expose(
    client: pg.ClientBase,
    incidentNo: number,
    incident: Incident,
    frame: { readonly nowMs: number; readonly changed?: readonly number[] },
  ): Promise<void> {
    const clock = await clockOf(client, incident);
    await this.#exposures.refresh(client, incidentNo, { ...frame, part: clock.at(frame.nowMs) });
  }
}

/** The kind of scope and its values. */
function boundsOf(scope: ListScope): [MappingScope, ...unknown[]] {
  if ('people' in scope) return ['people', scope.people];
  return ['range', scope.from, scope.to];
}

/** $3 to $8 of the statements that weigh evidence. @param nowMs network time */
export function weighingValues(
  { whereabouts, minProbability }: ImpactRules,
  clock: DayPartClock,
  nowMs: number,
): unknown[] {
  const segments = staySegments(nowMs, clock, whereabouts);
  return [
    segments.map(({ fromMs }) => fromMs / 1000),
    segments.map(({ toMs }) => toMs / 1000),
    segments.map(({ ratePerMs }) => ratePerMs * 1000),
    segments.map(({ left }) => left),
    clock.at(nowMs),
    minProbability,
  ];
}

/** Cells of an incident with what is lost there, column by column. */
export interface LostCells {
  readonly cells: readonly number[];
  readonly nones: readonly number[];
  /** shares lost of each service where the cell serves on */
  readonly voice: readonly number[];
  readonly data: readonly number[];
  readonly sms: readonly number[];
  readonly since: readonly Date[];
}

/** $9 to $14 of the statements that weigh evidence. */
export function lostValues({ cells, nones, voice, data, sms, since }: LostCells): unknown[] {
  return [cells, nones, voice, data, sms, since];
}

/**
 * $15 to $17 of the statements that weigh evidence.
 * @param caught as `ImpactState.caught`
 */
export function lossValues(
  { absorption, serviceWeights }: ImpactRules,
  caught: Readonly<Record<string, number>>,
): unknown[] {
  const classes = Object.keys(caught).map(Number);
  const byClass = Array.from({ length: Math.max(0, ...classes) }, (_, at) => caught[at + 1] ?? 1);
  const inOrder = (shares: ServiceShares): number[] => SERVICES.map((service) => shares[service]);
  return [inOrder(absorption.edgeLoss), inOrder(serviceWeights), byClass];
}

/** The lost cells that lists are made against. */
async function lostCells(client: pg.ClientBase, incidentNo: number): Promise<LostCells> {
  const { rows } = await client.query<LostCells>(LOST_CELLS, [incidentNo]);
  return rows[0] ?? { cells: [], nones: [], voice: [], data: [], sms: [], since: [] };
}

/** The clock on the walls where an incident is. */
async function clockOf(client: pg.ClientBase, incident: Incident): Promise<DayPartClock> {
  const { zone } = await placeOf(client, incident.sites);
  return new DayPartClock(zone ?? 'UTC');
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
  const bySegment = (
    pick: (row: SegmentRow) => number,
    has = (row: SegmentRow) => row.subscribers > 0,
  ): Record<string, number> =>
    Object.fromEntries(rows.filter(has).map((row) => [row.segment, pick(row)]));
  const hasEver = (row: SegmentRow): boolean => row.ever > 0;
  return {
    subscribers: total((row) => row.subscribers),
    machines: total((row) => row.machines),
    bySegment: bySegment((row) => row.subscribers),
    expectedBySegment: bySegment((row) => row.expected),
    everBySegment: bySegment((row) => row.ever, hasEver),
    lossBySegment: bySegment((row) => row.loss),
    minutesBySegment: bySegment((row) => row.userMinutes, hasEver),
    userMinutes: total((row) => row.userMinutes),
    vulnerable: total((row) => row.vulnerable),
    withoutVoice: total((row) => row.withoutVoice),
    emergencyServices: total((row) => row.emergencyServices),
    services: eachService((service) => total((row) => row[service])),
  };
}
