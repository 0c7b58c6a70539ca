import type pg from 'pg';
import type { Cohort, IncidentLoad, PeopleLost } from '../../forecast/surge/incident-load.js';
import { CELLS, LOADS, PEOPLE, REMEMBER_TOLD, TOLD } from './incident-loads-sql.js';

/** Incidents that ended at most this long ago still bring calls, or have not taught theirs yet. */
const AFTER_WAVE_MS = 3 * 3_600_000;
/** Texts that wait to be sent are taken to be sent within this time. */
const SENDING_MS = 15 * 60_000;
/** An incident that grew for long is kept as so many steps. */
const MOST_COHORTS = 8;

interface LoadRow {
  incident_id: string;
  incident_no: number;
  started_at: Date;
  ended_at: Date | null;
  cause_kind: string;
  repair_at: Date | null;
  repair_low: Date | null;
  repair_high: Date | null;
  expected: number;
  is_estimate: boolean;
  told: number;
  pending: number;
}

interface PeopleRow {
  incident_no: number;
  segment: string;
  language: string;
  people: number;
  expected: number;
  loss: number;
}

interface CellsRow {
  incident_no: number;
  since: Date;
  site_id: string | null;
  name: string | null;
  cells: number;
  degree: number;
}

interface ToldRow {
  incident_id: string;
  at: Date;
  people: number;
}

/**
 * What the incidents that bring calls now have taken from whom, by id. Remembers how many had been
 * told by now, so that later looks know when.
 */
export async function readIncidentLoads(
  client: pg.ClientBase,
  nowMs: number,
): Promise<IncidentLoad[]> {
  const { rows } = await client.query<LoadRow>(LOADS, [new Date(nowMs - AFTER_WAVE_MS)]);
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.incident_id);
  const numbers = rows.map((row) => row.incident_no);
  const running = rows.filter((row) => row.ended_at === null).map((row) => row.incident_no);
  const told = rows.map((row) => row.told);
  await client.query(REMEMBER_TOLD, [ids, told, new Date(nowMs)]);
  const people = await client.query<PeopleRow>(PEOPLE, [running, numbers]);
  const cells = await client.query<CellsRow>(CELLS, [numbers]);
  const tellings = await client.query<ToldRow>(TOLD, [ids]);
  const learnt = await client.query<{ reduction: number }>('select reduction from learnt_effect');
  const [effect] = learnt.rows;
  return rows.map((row) =>
    loadOf(row, {
      nowMs,
      effect,
      people: people.rows.filter((each) => each.incident_no === row.incident_no),
      cells: cells.rows.filter((each) => each.incident_no === row.incident_no),
      told: tellings.rows.filter((each) => each.incident_id === row.incident_id),
    }),
  );
}

interface Parts {
  readonly nowMs: number;
  readonly effect: { readonly reduction: number } | undefined;
  readonly people: readonly PeopleRow[];
  readonly cells: readonly CellsRow[];
  readonly told: readonly ToldRow[];
}

function loadOf(row: LoadRow, { nowMs, people, cells, told, effect }: Parts): IncidentLoad {
  const tellings = told.map(({ at, people: count }) => ({ atMs: at.getTime(), people: count }));
  if (row.ended_at === null && row.pending > 0) {
    tellings.push({ atMs: nowMs + SENDING_MS, people: row.told + row.pending });
  }
  return {
    incidentId: row.incident_id,
    causeKind: row.cause_kind,
    startedAtMs: row.started_at.getTime(),
    endedAtMs: row.ended_at?.getTime() ?? null,
    repair: row.repair_at && {
      atMs: row.repair_at.getTime(),
      lowMs: row.repair_low?.getTime() ?? null,
      highMs: row.repair_high?.getTime() ?? null,
    },
    people: peopleOf(row, people, cells),
    cohorts: cohortsOf(row, cells),
    told: tellings,
    areas: areasOf(cells),
    ...(effect ? { toldReduction: effect.reduction } : {}),
  };
}

/** While the list is still being made its estimate stands for it. */
function peopleOf(
  row: LoadRow,
  people: readonly PeopleRow[],
  cells: readonly CellsRow[],
): PeopleLost[] {
  const cellCount = cells.reduce((sum, each) => sum + each.cells, 0);
  const degree =
    cellCount > 0 ? cells.reduce((sum, each) => sum + each.cells * each.degree, 0) / cellCount : 1;
  const listed = people.reduce((sum, each) => sum + each.people, 0);
  if (listed <= 0) return [{ segment: '', language: '', people: row.expected, degree }];
  const scale = row.is_estimate ? Math.max(1, row.expected / listed) : 1;
  return people
    .filter((each) => each.people > 0)
    .map((each) => ({
      segment: each.segment,
      language: each.language,
      people: each.people * scale,
      degree: each.expected > 0 ? Math.min(1, Math.max(0, each.loss / each.expected)) : degree,
    }));
}

function cohortsOf(row: LoadRow, cells: readonly CellsRow[]): Cohort[] {
  const startedAtMs = row.started_at.getTime();
  const all = cells.reduce((sum, each) => sum + each.cells, 0);
  if (all === 0) return [{ sinceMs: startedAtMs, share: 1 }];
  const times = cells.map((each) => Math.max(startedAtMs, each.since.getTime()));
  const width = Math.max(1, (Math.max(...times) - startedAtMs) / MOST_COHORTS);
  const cohorts = new Map<number, { weighted: number; cells: number }>();
  for (const [i, sinceMs] of times.entries()) {
    const key = Math.min(MOST_COHORTS - 1, Math.floor((sinceMs - startedAtMs) / width));
    const own = cohorts.get(key) ?? { weighted: 0, cells: 0 };
    const count = cells[i]?.cells ?? 0;
    own.cells += count;
    own.weighted += count * sinceMs;
    cohorts.set(key, own);
  }
  return [...cohorts.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, each]) => ({ sinceMs: each.weighted / each.cells, share: each.cells / all }));
}

/** Calls may carry a site's id or its name as their area. */
function areasOf(cells: readonly CellsRow[]): Record<string, number> {
  const all = cells.reduce((sum, each) => sum + each.cells, 0);
  const areas: Record<string, number> = {};
  for (const { site_id: id, name, cells: count } of cells) {
    for (const area of new Set([id, name])) {
      if (area !== null && area !== '') areas[area] = (areas[area] ?? 0) + count / all;
    }
  }
  return areas;
}
