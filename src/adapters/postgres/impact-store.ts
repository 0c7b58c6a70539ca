import type pg from 'pg';
import type { ImpactSummary } from '../../domain/customer.js';
import { contentId } from '../../domain/ids.js';
import type { Incident } from '../../domain/incident.js';
import { SERVICES } from '../../domain/services.js';
import { caughtShare, cellLosses } from '../../impact/cell-loss.js';
import { caughtOf, type NeighbourOverlap } from '../../impact/device-groups.js';
import type { ImpactMapper } from '../../impact/ports.js';
import { type ImpactCounts, summarise } from '../../impact/rank.js';
import type { ImpactRules } from '../../impact/rules.js';
import { recordCells } from './cell-incidents.js';
import { CLOSE_COUNTS } from './impact-close-sql.js';
import { countIncident, ImpactLists } from './impact-lists.js';
import {
  type ImpactState,
  LAST_ID,
  lastSubscriber,
  lockState,
  nextRange,
  saveState,
} from './impact-state.js';
import { CHANGE_CELLS, DEVICE_CLASSES, HEALTHY_OVERLAP } from './incident-cells-sql.js';
import { countVisitors, visitorsOf } from './incident-visitors.js';

/** People a deciding transaction looks at by itself; more are left to the worker. */
const INLINE_PEOPLE = 20_000;
/** People that one step of the worker looks at. */
const STEP_PEOPLE = 100_000;

/** Sizes that tests make small. */
export interface ImpactSizes {
  readonly inlinePeople: number;
  readonly stepPeople: number;
}

/** Whether nobody is affected any more. */
export function isOver(incident: Incident): boolean {
  return incident.state === 'resolved' || incident.state === 'closed';
}

/** Everything the mapping depends on except time and whereabouts. */
function cellsKey(incident: Incident): string {
  const cells = incident.cells.map(({ cellId, degree, services, since }) => {
    const lost = services && SERVICES.map((service) => services[service]).join(' ');
    return `${cellId}\t${lost ?? degree}\t${since}`;
  });
  const state = isOver(incident) ? 'over' : 'running';
  return contentId('map', state, String(incident.absorbed?.share ?? ''), ...cells.sort());
}

/**
 * Works out who is affected inside the deciding transaction as far as that is quick: of a change only
 * the people of the cells that changed. A list of many people is left to `ImpactWorker`, which goes
 * round them in steps; until it is done the counts are an estimate by cells. After the rules'
 * `remapMinutes` everybody is looked at again; in between user-minutes are carried forward.
 */
export class PostgresImpactStore implements ImpactMapper<pg.ClientBase> {
  readonly #rules: ImpactRules;
  readonly #lists: ImpactLists;
  readonly #sizes: ImpactSizes;

  constructor(
    rules: ImpactRules,
    sizes: ImpactSizes = { inlinePeople: INLINE_PEOPLE, stepPeople: STEP_PEOPLE },
  ) {
    this.#rules = rules;
    this.#lists = new ImpactLists(rules);
    this.#sizes = sizes;
  }

  async map(client: pg.ClientBase, incident: Incident, nowMs: number): Promise<ImpactSummary> {
    const before = await lockState(client, incident.id, nowMs);
    const key = cellsKey(incident);
    let state = before;
    if (before.cellsKey !== key) state = await this.#follow(client, before, incident, nowMs);
    else if (!isOver(incident) && this.#isRemapDue(before, nowMs)) {
      state = await this.#lookAgain(client, before, incident, nowMs);
    }
    await countVisitors(client, before.incidentNo, this.#rules);
    const summary = await this.summary(client, state, incident, nowMs);
    if (state === before) return summary;
    if (before.cellsKey !== key) {
      await recordCells(client, state.incidentNo, incident, untilMs(incident, nowMs));
    }
    await saveState(client, { ...state, cellsKey: key });
    await client.query(
      `insert into impact_history (incident_id, at, summary) values ($1, $2, $3)
       on conflict (incident_id, at) do update set summary = excluded.summary`,
      [incident.id, new Date(nowMs), JSON.stringify(asHistory(summary))],
    );
    return summary;
  }

  async mapPerson(
    client: pg.ClientBase,
    incidentId: string,
    subscriberId: number,
    nowMs: number,
  ): Promise<void> {
    const { rows } = await client.query<{ doc: Incident }>(
      'select doc from incidents where incident_id = $1',
      [incidentId],
    );
    const incident = rows[0]?.doc;
    if (incident === undefined || isOver(incident)) return;
    const state = await lockState(client, incidentId, nowMs);
    const scope = { people: [subscriberId] };
    const atMs = Math.max(nowMs, state.countedAt.getTime());
    await saveState(client, await this.#lists.map(client, state, incident, scope, atMs));
  }

  /** What is known of an incident's impact now; said to be an estimate while the list is not whole. */
  async summary(
    client: pg.ClientBase,
    state: ImpactState,
    incident: Incident,
    nowMs: number,
  ): Promise<ImpactSummary> {
    const isEnded = isOver(incident);
    const before = await summaryBefore(client, incident.id);
    const visitors = await visitorsOf(client, state.incidentNo, this.#rules, isEnded);
    const frame = { incident, nowMs, rules: this.#rules, before };
    if (state.estimate !== null) {
      const counts = carriedForward(state.estimate, untilMs(incident, nowMs) - +state.mappedAt);
      return { ...summarise(counts, { ...frame, isEstimate: true }), ...visitors };
    }
    const counts = await countIncident(client, state.incidentNo, isEnded);
    const ageMs = isEnded ? 0 : nowMs - state.countedAt.getTime();
    return { ...summarise(carriedForward(counts, ageMs), frame), ...visitors };
  }

  #isRemapDue(state: ImpactState, nowMs: number): boolean {
    if (state.leftToMap > 0) return false;
    return nowMs - state.mappedAt.getTime() >= this.#rules.remapMinutes * 60_000;
  }

  /** The cells are others than before, or it is over. */
  async #follow(
    client: pg.ClientBase,
    before: ImpactState,
    incident: Incident,
    nowMs: number,
  ): Promise<ImpactState> {
    if (isOver(incident)) return this.#close(client, before, untilMs(incident, nowMs));
    const { cells, caught } = await this.#changeCells(client, before.incidentNo, incident, nowMs);
    const state = { ...before, caught };
    const people = await this.#lists.people(client, cells, this.#sizes.inlinePeople);
    if (people === undefined) return this.#leave(client, state, incident, nowMs, false);
    const isFirst = state.cellsKey === '';
    const scope = isFirst ? { from: 0, to: LAST_ID } : { people };
    const mapped = await this.#lists.map(client, state, incident, scope, nowMs);
    if (mapped.leftToMap === 0) await this.#lists.dropGone(client, state.incidentNo);
    if (isFirst) return { ...mapped, mappedAt: new Date(nowMs), estimate: null };
    if (state.isComplete) return { ...mapped, estimate: null };
    const estimate = await this.#lists.estimate(client, state.incidentNo, incident, nowMs);
    return { ...mapped, mappedAt: new Date(nowMs), estimate };
  }

  /** Nothing changed but the time: sightings are older, people have moved. */
  async #lookAgain(
    client: pg.ClientBase,
    state: ImpactState,
    incident: Incident,
    nowMs: number,
  ): Promise<ImpactState> {
    await this.#lists.expose(client, state.incidentNo, incident, { nowMs });
    const cells = await this.#lists.cellsOf(client, state.incidentNo);
    const people = await this.#lists.people(client, cells, this.#sizes.inlinePeople);
    if (people === undefined) {
      return this.#leave(client, state, incident, nowMs, state.isComplete);
    }
    const scope = { from: 0, to: LAST_ID };
    const mapped = await this.#lists.map(client, state, incident, scope, nowMs);
    return { ...mapped, mappedAt: new Date(nowMs) };
  }

  /** Leaves a look at everybody to the worker. */
  async #leave(
    client: pg.ClientBase,
    state: ImpactState,
    incident: Incident,
    nowMs: number,
    isComplete: boolean,
  ): Promise<ImpactState> {
    const estimate = isComplete
      ? null
      : await this.#lists.estimate(client, state.incidentNo, incident, nowMs);
    const last = await lastSubscriber(client);
    const people = Math.max(1, estimate?.subscribers ?? this.#sizes.stepPeople);
    const step = Math.ceil(Math.min(last, (last * this.#sizes.stepPeople) / people));
    return {
      ...state,
      isComplete,
      estimate,
      mappedAt: new Date(nowMs),
      step: isComplete ? state.step : step,
      leftToMap: last,
    };
  }

  /**
   * Looks at the next range of a list that was left to the worker.
   * @param nowMs network time of the decisions
   */
  async step(
    client: pg.ClientBase,
    state: ImpactState,
    incident: Incident,
    nowMs: number,
  ): Promise<ImpactState> {
    const last = await lastSubscriber(client);
    const range = nextRange(state.mappedTo, Math.min(state.leftToMap, last), state.step, last);
    let after = state;
    if (isOver(incident)) {
      await this.#lists.close(client, state.incidentNo, untilMs(incident, nowMs), range);
    } else after = await this.#lists.map(client, state, incident, range, nowMs);
    if (range.left === 0 && state.isComplete) {
      await this.#lists.dropGone(client, state.incidentNo);
    }
    return { ...after, mappedTo: range.position, leftToMap: range.left };
  }

  /** The whole list has been looked at. */
  async complete(client: pg.ClientBase, state: ImpactState): Promise<ImpactState> {
    await this.#lists.dropGone(client, state.incidentNo);
    return { ...state, isComplete: true, estimate: null };
  }

  async #changeCells(
    client: pg.ClientBase,
    incidentNo: number,
    incident: Incident,
    nowMs: number,
  ): Promise<{ cells: number[]; caught: Record<string, number> }> {
    const ids = incident.cells.map(({ cellId }) => cellId);
    const overlap = await client.query<NeighbourOverlap>(HEALTHY_OVERLAP, [ids, new Date(nowMs)]);
    const byCell = new Map<string, number>();
    for (const { cellId, overlap: more } of overlap.rows)
      byCell.set(cellId, (byCell.get(cellId) ?? 0) + more);
    const lost = cellLosses(incident, byCell, this.#rules);
    const { rows } = await client.query<{ cellNo: number }>(CHANGE_CELLS, [
      incidentNo,
      lost.map((cell) => cell.cellId),
      lost.map((cell) => cell.degree),
      lost.map((cell) => new Date(cell.sinceMs)),
      lost.map((cell) => cell.none),
      ...SERVICES.map((service) => lost.map((cell) => cell.worse[service])),
    ]);
    const changed = rows.map(({ cellNo }) => cellNo);
    await this.#lists.expose(client, incidentNo, incident, { nowMs, changed });
    const dark = new Set(lost.filter(({ none }) => none > 0).map(({ cellId }) => cellId));
    const beside = overlap.rows.filter(({ cellId }) => dark.has(cellId));
    const caught = await this.#caughtByClass(client, beside);
    return { cells: changed, caught };
  }

  /** How many devices of a class neighbours catch for one that can use everything, where it differs. */
  async #caughtByClass(client: pg.ClientBase, beside: readonly NeighbourOverlap[]) {
    const { rows } = await client.query<{ class: number; technologies: string }>(DEVICE_CLASSES);
    const known = new Map<string, number>();
    const caught: Record<string, number> = {};
    for (const { class: of, technologies } of rows) {
      const share =
        known.get(technologies) ??
        caughtOf(technologies, beside, (overlap) => caughtShare({ overlap }, this.#rules));
      known.set(technologies, share);
      if (share < 1) caught[of] = Math.round(share * 1000) / 1000;
    }
    return caught;
  }

  /** Nobody is affected any more; many rows are ended by the worker. */
  async #close(client: pg.ClientBase, state: ImpactState, endMs: number): Promise<ImpactState> {
    const { incidentNo } = state;
    await this.#lists.carry(client, state, endMs);
    const { subscribers, machines } = await countIncident(client, incidentNo, false);
    await client.query(CLOSE_COUNTS, [incidentNo]);
    for (const table of ['incident_cells', 'incident_sites', 'incident_catching'])
      await client.query(`delete from ${table} where incident_no = $1`, [incidentNo]);
    const closed = {
      ...state,
      countedAt: new Date(endMs),
      changedAt: later(state, endMs),
      estimate: state.estimate && carriedForward(state.estimate, endMs - +state.mappedAt),
      mappedAt: new Date(endMs),
      isComplete: true,
    };
    if (subscribers + machines > this.#sizes.inlinePeople) {
      return { ...closed, leftToMap: await lastSubscriber(client) };
    }
    await this.#lists.close(client, incidentNo, endMs, { from: 0, to: LAST_ID });
    return { ...closed, leftToMap: 0 };
  }
}

function later({ changedAt }: ImpactState, nowMs: number): Date {
  return new Date(Math.max(nowMs, changedAt.getTime() + 1));
}

/** Until when an incident brings user-minutes. */
function untilMs(incident: Incident, nowMs: number): number {
  return isOver(incident) && incident.endedAt !== null ? Date.parse(incident.endedAt) : nowMs;
}

/** What is kept of each moment: counts and rank; cost and clocks follow from them. */
function asHistory({ cost: _cost, clocks: _clocks, ...counts }: ImpactSummary): ImpactSummary {
  return counts;
}

/** The summary that the incident was stored with last. */
async function summaryBefore(client: pg.ClientBase, id: string): Promise<ImpactSummary | null> {
  const { rows } = await client.query<{ impact: ImpactSummary | null }>(
    'select impact from incidents where incident_id = $1',
    [id],
  );
  return rows[0]?.impact ?? null;
}

/** Counts some time after they were made, nobody having come or gone. */
function carriedForward(counts: ImpactCounts, ageMs: number): ImpactCounts {
  const minutes = Math.max(0, ageMs) / 60_000;
  const minutesBySegment = { ...counts.minutesBySegment };
  for (const [segment, loss] of Object.entries(counts.lossBySegment)) {
    minutesBySegment[segment] = (minutesBySegment[segment] ?? 0) + loss * minutes;
  }
  const lossPerMinute = Object.values(counts.lossBySegment).reduce((sum, loss) => sum + loss, 0);
  return {
    ...counts,
    minutesBySegment,
    userMinutes: counts.userMinutes + lossPerMinute * minutes,
  };
}
