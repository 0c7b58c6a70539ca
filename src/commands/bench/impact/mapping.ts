import type pg from 'pg';
import { PostgresFlagStore } from '../../../adapters/postgres/crm-store.js';
import { ImpactLists } from '../../../adapters/postgres/impact-lists.js';
import { lockState } from '../../../adapters/postgres/impact-state.js';
import { PostgresImpactStore } from '../../../adapters/postgres/impact-store.js';
import { ImpactWorker } from '../../../adapters/postgres/impact-worker.js';
import type { Leadership } from '../../../adapters/postgres/leader.js';
import { withTransaction } from '../../../adapters/postgres/pool.js';
import { PostgresWaveStore } from '../../../adapters/postgres/wave-store.js';
import { TocsinError } from '../../../domain/errors.js';
import type { Incident } from '../../../domain/incident.js';
import type { Rules } from '../../../service/rules.js';
import type { Figures } from '../figures.js';
import { cellId } from './population.js';

const CHANGED_CELLS = 10;
const CHANGES = 7;

/** What mapping needs. */
export interface MappingBench {
  readonly pool: pg.Pool;
  readonly leader: Leadership;
  readonly rules: Rules;
  /** network time, epoch ms */
  readonly nowMs: number;
}

/** An open incident over cells `first` to `first + count`, since five minutes ago. */
export function incidentOver(
  id: string,
  first: number,
  count: number,
  { nowMs }: { readonly nowMs: number },
): Incident {
  const since = new Date(nowMs - 300_000).toISOString();
  const ids = Array.from({ length: count }, (_, n) => first + n);
  return {
    schemaVersion: 1,
    id,
    lineageId: id,
    revision: 1,
    state: 'open',
    startedAt: since,
    detectedAt: since,
    endedAt: null,
    estimatedRepairAt: null,
    cells: ids.map((cell) => ({ cellId: cellId(cell), degree: 1, since })),
    sites: [...new Set(ids.map((cell) => `S${Math.floor(cell / 3)}`))],
    cause: { kind: 'transport', id: 'T1', probability: 0.9, candidates: [] },
    severity: 'critical',
    explanation: 'a line is cut',
    alarmIds: [],
    anomalyIds: [],
    plannedWorkId: null,
    acknowledgedBy: null,
    certainty: 0.99,
  };
}

async function timed<T>(body: () => Promise<T>): Promise<{ ms: number; result: T }> {
  const started = performance.now();
  const result = await body();
  return { ms: Math.round((performance.now() - started) * 10) / 10, result };
}

/** One incident from its first decision to its complete list, a change of ten cells, a look again. */
export async function mapOne(bench: MappingBench, incident: Incident): Promise<Figures> {
  const { pool, rules, nowMs } = bench;
  const impact = new PostgresImpactStore(rules.impact);
  const decide = (doc: Incident, atMs: number) =>
    withTransaction(pool, async (client) => {
      await saveIncident(client, doc);
      return impact.map(client, doc, atMs);
    });
  const decided = await timed(() => decide(incident, nowMs));
  const counts = await timed(() => estimate(bench, incident));
  const list = await timed(() => workUntilDone(bench, impact, nowMs + 1000));
  const bare = await timed(() => bareJoin(pool, incident.id));
  const listed = await timed(() => decide(incident, nowMs + 2000));
  const rows = await pool.query<{ n: number }>(
    `select count(*)::int as n from incident_subscribers
     join incidents using (incident_no) where incident_id = $1`,
    [incident.id],
  );
  const changes: number[] = [];
  for (let n = 0; n < CHANGES; n++) {
    const doc = shifted(incident, n + 1);
    changes.push((await timed(() => decide(doc, nowMs + 3000 + n))).ms);
  }
  const before = await rowsWritten(pool);
  const againMs = nowMs + rules.impact.remapMinutes * 60_000 + 5000;
  await decide(shifted(incident, CHANGES), againMs);
  const again = await timed(() => workUntilDone(bench, impact, againMs));
  return {
    cells: incident.cells.length,
    people: rows.rows[0]?.n ?? 0,
    firstDecisionMs: decided.ms,
    isEstimateFirst: decided.result.isEstimate === true,
    estimateMs: counts.ms,
    estimatedPeople: decided.result.subscribers + decided.result.machines,
    countsOfListMs: listed.ms,
    listSeconds: list.ms / 1000,
    bareJoinSeconds: bare.ms / 1000,
    bareRows: bare.result,
    listToBare: Math.round((list.ms / bare.ms) * 100) / 100,
    changeOf10CellsMs: changes.sort((a, b) => a - b)[Math.floor(CHANGES / 2)] ?? null,
    lookAgainSeconds: again.ms / 1000,
    rowsRewrittenLookingAgain: (await rowsWritten(pool)) - before,
  };
}

async function saveIncident(client: pg.ClientBase, doc: Incident): Promise<void> {
  await client.query(
    `insert into incidents (incident_id, lineage_id, state, revision, started_at, doc, leader_epoch)
     values ($1, $1, $2, 1, $3, $4, 0) on conflict (incident_id) do update set doc = excluded.doc`,
    [doc.id, doc.state, doc.startedAt, JSON.stringify(doc)],
  );
}

function estimate(bench: MappingBench, incident: Incident): Promise<unknown> {
  const lists = new ImpactLists(bench.rules.impact);
  return withTransaction(bench.pool, async (client) => {
    const { incidentNo } = await lockState(client, incident.id, bench.nowMs);
    return lists.estimate(client, incidentNo, incident, bench.nowMs);
  });
}

/** Runs the worker until the list is complete; flags are left alone. */
async function workUntilDone(
  { pool, leader, rules }: MappingBench,
  impact: PostgresImpactStore,
  nowMs: number,
): Promise<void> {
  const worker = new ImpactWorker({
    impact,
    waves: new PostgresWaveStore({ policy: rules.policy }),
    flags: new PostgresFlagStore(rules.crm, rules.texts),
    pool,
    leadership: () => leader,
    now: () => nowMs,
  });
  for (;;) {
    const { rows } = await pool.query(
      'select from impact_state where left_to_map > 0 or not is_complete',
    );
    if (rows.length === 0) return;
    if ((await worker.turn()) === 'idle') throw new TocsinError('internal', 'a list is not made');
  }
}

/** What a bare INSERT … SELECT of the same join takes. @returns rows */
async function bareJoin(pool: pg.Pool, incidentId: string): Promise<number> {
  await pool.query('create table bench_bare (like incident_subscribers including all)');
  const { rowCount } = await pool.query(
    `insert into bench_bare (incident_no, subscriber_id, affected_from, mapped_at, probability, degree,
       class, reachable, service)
     select l.incident_no, u.subscriber_id, min(l.since), now(), sum(u.weight), max(l.degree),
       min(u.class), true, 'none'
     from incidents i join incident_cells l using (incident_no) join usual_cells u using (cell_no)
     join last_seen s using (subscriber_id)
     where i.incident_id = $1 group by 1, 2 order by 1, 2`,
    [incidentId],
  );
  await pool.query('drop table bench_bare');
  return rowCount ?? 0;
}

/** The incident with ten cells given up at the one end and ten others taken in at the other. */
function shifted(incident: Incident, times: number): Incident {
  const by = (times * CHANGED_CELLS) / 2;
  const [first] = incident.cells;
  const number = Number(first?.cellId.slice(1) ?? 0);
  const since = first?.since ?? incident.startedAt;
  const added = Array.from({ length: by }, (_, n) => ({
    cellId: cellId(number + incident.cells.length + n),
    degree: 1,
    since,
  }));
  return { ...incident, cells: [...incident.cells.slice(by), ...added], revision: 1 + times };
}

async function rowsWritten(pool: pg.Pool): Promise<number> {
  await pool.query('select pg_stat_force_next_flush()');
  const { rows } = await pool.query<{ n: number }>(
    `select (n_tup_ins + n_tup_upd)::int as n from pg_stat_user_tables
     where relname = 'incident_subscribers'`,
  );
  return rows[0]?.n ?? 0;
}
