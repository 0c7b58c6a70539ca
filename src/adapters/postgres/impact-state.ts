import type pg from 'pg';
import { TocsinError } from '../../domain/errors.js';
import type { ImpactCounts } from '../../impact/rank.js';
import { query } from './pool.js';

/** How far an incident's list is; times are network time. See `impact_state` in schemas/sql. */
export interface ImpactState {
  readonly incidentNo: number;
  readonly cellsKey: string;
  readonly mappedAt: Date;
  readonly changedAt: Date;
  readonly countedAt: Date;
  /** false: who is affected is still being found out, counts are an estimate */
  readonly isComplete: boolean;
  /** ids per step of the worker */
  readonly step: number;
  readonly mappedTo: number;
  readonly leftToMap: number;
  readonly flaggedTo: number;
  readonly leftToFlag: number;
  readonly estimate: ImpactCounts | null;
  /** how many devices neighbours catch for one that can use everything, by class; absent: 1 */
  readonly caught: Readonly<Record<string, number>>;
}

/** Greatest subscriber id there can be. */
export const LAST_ID = 2_147_483_647;

const COLUMNS = `incident_no as "incidentNo", cells_key as "cellsKey", mapped_at as "mappedAt",
  changed_at as "changedAt", counted_at as "countedAt", is_complete as "isComplete", step,
  mapped_to as "mappedTo", left_to_map as "leftToMap", flagged_to as "flaggedTo",
  left_to_flag as "leftToFlag", estimate, caught`;

/**
 * Reads and locks an incident's state; a new incident has an empty, complete list.
 * @throws TocsinError `internal` when the incident is not stored
 */
export async function lockState(
  client: pg.ClientBase,
  incidentId: string,
  nowMs: number,
): Promise<ImpactState> {
  const sql = `select ${COLUMNS} from impact_state where incident_id = $1 for update`;
  const { rows } = await client.query<ImpactState>(sql, [incidentId]);
  if (rows[0]) return rows[0];
  const made = await client.query<ImpactState>(
    `insert into impact_state (incident_no, incident_id, cells_key, mapped_at, changed_at, counted_at)
     select incident_no, incident_id, '', $2, $2, $2 from incidents where incident_id = $1
     returning ${COLUMNS}`,
    [incidentId, new Date(nowMs)],
  );
  if (made.rows[0]) return made.rows[0];
  throw new TocsinError('internal', `the impact of incident ${incidentId} was asked for before it`);
}

/** What a list waits for: a look at people, to be acted upon, or its flags. */
export type Unfinished = 'list' | 'completion' | 'flags';

/** The incident whose list waits longest for something, lists before flags. Locks nothing. */
export async function findUnfinished(
  pool: pg.Pool,
): Promise<{ readonly incidentId: string; readonly what: Unfinished } | undefined> {
  const { rows } = await query<{ incidentId: string; what: Unfinished }>(
    pool,
    `select incident_id as "incidentId", case when left_to_map > 0 then 'list'
       when not is_complete then 'completion' else 'flags' end as what
     from impact_state
     where left_to_map > 0 or left_to_flag > 0 or not is_complete
     order by is_complete, left_to_map = 0, incident_no limit 1`,
  );
  return rows[0];
}

/** Stores what differs from before. */
export async function saveState(client: pg.ClientBase, state: ImpactState): Promise<void> {
  await client.query(
    `update impact_state set cells_key = $2, mapped_at = $3, changed_at = $4, counted_at = $5,
       is_complete = $6, step = $7, mapped_to = $8, left_to_map = $9, flagged_to = $10,
       left_to_flag = $11, estimate = $12, caught = $13
     where incident_no = $1`,
    [
      state.incidentNo,
      state.cellsKey,
      state.mappedAt,
      state.changedAt,
      state.countedAt,
      state.isComplete,
      state.step,
      state.mappedTo,
      state.leftToMap,
      state.flaggedTo,
      state.leftToFlag,
      state.estimate === null ? null : JSON.stringify(state.estimate),
      JSON.stringify(state.caught),
    ],
  );
}

/** The next range of a round: ids above `from` up to `to`, and where the round stands after it. */
export interface Range {
  readonly from: number;
  readonly to: number;
  readonly position: number;
  readonly left: number;
}

/**
 * The next range of a round over ids 1 to `last`. @param left ids that remain, above 0
 */
export function nextRange(position: number, left: number, step: number, last: number): Range {
  const from = position >= last ? 0 : position;
  const width = Math.min(step, left);
  if (from + width >= last) return { from, to: LAST_ID, position: 0, left: left - (last - from) };
  return { from, to: from + width, position: from + width, left: left - width };
}

/** Greatest subscriber id in use, at least 1. */
export async function lastSubscriber(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ last: number | null }>(
    'select max(subscriber_id) as last from subscribers',
  );
  return Math.max(1, rows[0]?.last ?? 1);
}
