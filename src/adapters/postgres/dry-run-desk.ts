import type pg from 'pg';
import type { ImpactSummary } from '../../domain/customer.js';
import type { DryRun, SupposedIncident } from '../../domain/dry-run.js';
import { TocsinError } from '../../domain/errors.js';
import type { Incident } from '../../domain/incident.js';
import type { ImpactRules } from '../../impact/rules.js';
import { SAVE_INCIDENT } from './decision-sql.js';
import { type DryRunOptions, PostgresDryRun } from './dry-run.js';
import { PostgresImpactStore } from './impact-store.js';
import { withTransaction } from './pool.js';
import { readWorks } from './works-planner.js';

const LIMITS = { statementMs: 120_000, lockMs: 5_000, totalMs: 180_000 };
/** A list is made at once, however long. */
const AT_ONCE = { inlinePeople: 2_000_000_000, stepPeople: 2_000_000_000 };
const SUPPOSED = 'supposed';

/** Dry runs of incidents there are, and of such as there might be. */
export class DryRunDesk {
  readonly #pool: pg.Pool;
  readonly #dryRun: PostgresDryRun;
  readonly #impact: PostgresImpactStore;

  constructor(pool: pg.Pool, options: DryRunOptions & { readonly impact: ImpactRules }) {
    this.#pool = pool;
    this.#dryRun = new PostgresDryRun(options);
    this.#impact = new PostgresImpactStore(options.impact, AT_ONCE);
  }

  /**
   * Who would be told what of an incident as it is now.
   * @param kind default: what its people could be told as it is
   * @param nowMs network time
   * @returns undefined for an incident that is not known
   */
  async ofIncident(id: string, nowMs: number, kind?: DryRun['kind']): Promise<DryRun | undefined> {
    return this.#undone(async (client) => {
      const { rows } = await client.query<{ doc: Incident; impact: ImpactSummary | null }>(
        'select doc, impact from incidents where incident_id = $1',
        [id],
      );
      const [row] = rows;
      if (!row) return undefined;
      const about = { incident: row.doc, impact: row.impact ?? NOBODY };
      return this.#dryRun.ofIncident(client, about, nowMs, kind);
    });
  }

  /** Who would be told of planned works. @returns undefined for works that are not known */
  async ofWorks(workId: string, nowMs: number): Promise<DryRun | undefined> {
    return this.#undone(async (client) => {
      const row = await readWorks(client, workId);
      return row && this.#dryRun.ofWorks(client, row, nowMs);
    });
  }

  /**
   * Who would be told what if such an incident were open now.
   * @param nowMs network time
   * @throws TocsinError `input.payload` naming cells that are not in the inventory
   */
  async ofSupposed(supposed: SupposedIncident, nowMs: number): Promise<DryRun> {
    return this.#undone(async (client) => {
      const incident = incidentOf(supposed, await sitesOf(client, supposed.cells), nowMs);
      await client.query(SAVE_INCIDENT, [
        ...[incident.id, incident.lineageId, incident.state, incident.revision],
        ...[incident.startedAt, incident.detectedAt, null, JSON.stringify(incident), 0],
      ]);
      const impact = await this.#impact.map(client, incident, nowMs);
      const dryRun = await this.#dryRun.ofIncident(client, { incident, impact }, nowMs);
      return { ...dryRun, incidentId: null };
    });
  }

  /** Runs something of which nothing stays. */
  async #undone<T>(body: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const work = async (client: pg.PoolClient): Promise<T> => {
      const result = await body(client);
      await client.query('rollback; begin');
      return result;
    };
    return withTransaction(this.#pool, work, LIMITS);
  }
}

/** Nobody has been looked at yet. */
const NOBODY: ImpactSummary = {
  subscribers: 0,
  expected: 0,
  machines: 0,
  bySegment: {},
  userMinutes: 0,
  rankScore: 0,
  rankParts: {},
};

async function sitesOf(client: pg.ClientBase, cells: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ cell: string; site: string | null }>(
    `select u.cell, c.site_id as site from unnest($1::text[]) u(cell)
     left join cells c on c.cell_id = u.cell and c.valid_to = 'infinity'`,
    [cells],
  );
  const unknown = rows.flatMap(({ cell, site }) => (site === null ? [cell] : []));
  if (unknown.length > 0) {
    const more = unknown.length > 5 ? ` and ${unknown.length - 5} more` : '';
    throw new TocsinError(
      'input.payload',
      `cells: ${unknown.slice(0, 5).join(', ')}${more} not in the inventory, allowed: ids of cells in it`,
    );
  }
  return [...new Set(rows.flatMap(({ site }) => site ?? []))].sort();
}

/** An incident as the stages before would state it, with certainty. */
function incidentOf(
  { cells, degree, causeKind, repairAt, worksEndedAt }: SupposedIncident,
  sites: readonly string[],
  nowMs: number,
): Incident {
  const now = new Date(nowMs).toISOString();
  return {
    schemaVersion: 1,
    id: SUPPOSED,
    lineageId: SUPPOSED,
    revision: 1,
    state: 'open',
    startedAt: now,
    detectedAt: now,
    endedAt: null,
    estimatedRepairAt: repairAt ?? null,
    cells: cells.map((cellId) => ({ cellId, degree: degree ?? 1, since: now })),
    sites: [...sites],
    cause: { kind: causeKind ?? 'unknown', id: SUPPOSED, probability: 1, candidates: [] },
    certainty: 1,
    severity: 'critical',
    explanation: SUPPOSED,
    alarmIds: [],
    anomalyIds: [],
    plannedWorkId: worksEndedAt === undefined ? null : SUPPOSED,
    ...(worksEndedAt === undefined ? {} : { plannedWorkEndsAt: worksEndedAt }),
    acknowledgedBy: null,
  };
}
