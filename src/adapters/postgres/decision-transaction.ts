import type pg from 'pg';
import type { ImpactSummary } from '../../domain/customer.js';
import type { CallInterval, OperatorAct } from '../../domain/facts.js';
import { contentId } from '../../domain/ids.js';
import type { Incident, IncidentChange, TelemetryGap } from '../../domain/incident.js';
import type { IntervalForecast } from '../../domain/interval-forecast.js';
import type { SingleCall } from '../../domain/single-call.js';
import type { ForecastBasis } from '../../forecast/forecast-basis.js';
import type { LearntPattern, PatternTurn } from '../../forecast/ordinary/pattern-version.js';
import type { RosterInterval } from '../../forecast/staffing/roster.js';
import type { IncidentLoad } from '../../forecast/surge/incident-load.js';
import type { SurgeLesson } from '../../forecast/surge/surge-prior.js';
import type {
  Attempt,
  CountedCalls,
  DecisionCheckpoint,
  DecisionTransaction,
  ReplacedCalls,
} from '../../runtime/decisions/ports.js';
import { applyAgentAnswer } from './agent-answers.js';
import { applyAuthorityReport } from './authority-reports.js';
import { savePatterns, turnPatterns } from './call-patterns.js';
import { ROSTER, SAVE_EVENTS, SAVE_INCIDENT, SAVE_STATE } from './decision-sql.js';
import type { Consequences } from './decision-store.js';
import { readIncidentLoads } from './incident-loads.js';
import { saveCalls, saveSingleCalls } from './saved-calls.js';
import { SAVE_BASIS, SAVE_LESSONS } from './surge-sql.js';
import { unstorableReason } from './unstorable.js';
import { applyWaveAct } from './wave-acts.js';

interface RosterRow {
  queue: string;
  starts_at: Date;
  interval_seconds: number;
  agents: number;
}

/** One deciding transaction; the store has asserted the leader's epoch in it. */
export class PostgresDecisionTransaction implements DecisionTransaction {
  readonly #client: pg.ClientBase;
  readonly #epoch: number;
  readonly #consequences: Consequences;

  constructor(client: pg.ClientBase, epoch: number, consequences: Consequences) {
    this.#client = client;
    this.#epoch = epoch;
    this.#consequences = consequences;
  }

  async attempt<Result>(piece: () => Promise<Result>): Promise<Attempt<Result>> {
    await this.#client.query('savepoint piece');
    try {
      const result = await piece();
      await this.#client.query('release savepoint piece');
      return { status: 'done', result };
    } catch (error) {
      const reason = unstorableReason(error);
      if (reason === undefined) throw error;
      await this.#client.query('rollback to savepoint piece; release savepoint piece');
      return { status: 'refused', reason };
    }
  }

  async saveIncident({ incident, events }: IncidentChange): Promise<void> {
    await this.#client.query(SAVE_INCIDENT, [
      incident.id,
      incident.lineageId,
      incident.state,
      incident.revision,
      incident.startedAt,
      incident.detectedAt,
      incident.endedAt,
      JSON.stringify(incident),
      this.#epoch,
    ]);
    if (events.length === 0) return;
    await this.#client.query(SAVE_EVENTS, [
      incident.id,
      events.map((event) => event.at),
      events.map((event) => event.kind),
      events.map((event) => event.reason),
    ]);
  }

  async saveGaps(gaps: readonly TelemetryGap[]): Promise<void> {
    for (const gap of gaps) {
      await this.#client.query(
        `insert into telemetry_gaps (gap_id, feed, from_at, to_at, cells, reason, cell_ids)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (gap_id) do update set to_at = excluded.to_at, cells = excluded.cells,
           reason = excluded.reason, cell_ids = excluded.cell_ids`,
        [
          contentId('gap', gap.feed, gap.fromMs),
          gap.feed,
          new Date(gap.fromMs),
          gap.toMs === null ? null : new Date(gap.toMs),
          gap.cells.length,
          gap.reason,
          gap.cells,
        ],
      );
    }
  }

  saveCalls(calls: readonly CallInterval[]): Promise<ReplacedCalls> {
    return saveCalls(this.#client, calls);
  }

  saveSingleCalls(calls: readonly SingleCall[]): Promise<CountedCalls> {
    return saveSingleCalls(this.#client, calls);
  }

  async mapImpact(incident: Incident, nowMs: number): Promise<ImpactSummary> {
    const summary = await this.#consequences.impact.map(this.#client, incident, nowMs);
    await this.#client.query(
      'update incidents set impact = $2, rank_score = $3 where incident_id = $1',
      [incident.id, JSON.stringify(summary), summary.rankScore],
    );
    return summary;
  }

  async planMessages(incident: Incident, impact: ImpactSummary, nowMs: number): Promise<void> {
    await this.#consequences.waves.planMessages(this.#client, incident, impact, nowMs);
  }

  async refreshFlags(incident: Incident, nowMs: number): Promise<void> {
    await this.#consequences.flags.refresh(this.#client, incident, nowMs);
  }

  async applyActs(acts: readonly OperatorAct[]): Promise<void> {
    for (const act of acts) {
      await applyWaveAct(this.#client, act);
      await applyAgentAnswer(this.#client, act, this.#consequences.impact);
      await applyAuthorityReport(this.#client, act);
    }
  }

  async incidentLoads(nowMs: number): Promise<IncidentLoad[]> {
    return readIncidentLoads(this.#client, nowMs);
  }

  async roster(fromMs: number, toMs: number): Promise<RosterInterval[]> {
    const { rows } = await this.#client.query<RosterRow>(ROSTER, [
      new Date(fromMs),
      new Date(toMs),
    ]);
    return rows.map((row) => ({
      queue: row.queue,
      startMs: row.starts_at.getTime(),
      intervalSeconds: row.interval_seconds,
      agents: row.agents,
    }));
  }

  async saveForecast(nowMs: number, intervals: readonly IntervalForecast[]): Promise<void> {
    const queues = new Map<string, IntervalForecast[]>();
    for (const each of intervals) {
      const own = queues.get(each.queue);
      if (own) own.push(each);
      else queues.set(each.queue, [each]);
    }
    for (const [queue, own] of queues) {
      await this.#client.query(
        `insert into forecasts (queue, issued_at, intervals) values ($1, $2, $3)
         on conflict (queue, issued_at) do update set intervals = excluded.intervals`,
        [queue, new Date(nowMs), JSON.stringify(own)],
      );
    }
  }

  async watchSurge(nowMs: number, intervals: readonly IntervalForecast[]): Promise<void> {
    await this.#consequences.desk.watch(this.#client, intervals, nowMs);
  }

  async saveBasis(basis: ForecastBasis): Promise<void> {
    await this.#client.query(SAVE_BASIS, [new Date(basis.issuedAtMs), basisText(basis)]);
  }

  async saveLessons(lessons: readonly SurgeLesson[]): Promise<void> {
    if (lessons.length === 0) return;
    await this.#client.query(SAVE_LESSONS, [JSON.stringify(lessons), this.#epoch]);
  }

  async turnPatterns(act: OperatorAct): Promise<PatternTurn[]> {
    return turnPatterns(this.#client, act);
  }

  async savePatterns(nowMs: number, patterns: readonly LearntPattern[]): Promise<void> {
    await savePatterns(this.#client, patterns, { nowMs, epoch: this.#epoch });
  }

  async saveCheckpoint(checkpoint: DecisionCheckpoint): Promise<void> {
    const { state, controlOffset, tickMs, cursors } = checkpoint;
    await this.#client.query(SAVE_STATE, [
      Buffer.from(state.buffer, state.byteOffset, state.byteLength),
      controlOffset,
      tickMs,
      JSON.stringify(cursors),
      this.#epoch,
    ]);
  }
}

/** Six digits of every number are more than a forecast knows, and half the size. */
function basisText(basis: ForecastBasis): string {
  const isCount = (value: unknown): value is number =>
    typeof value === 'number' && !Number.isInteger(value);
  return JSON.stringify(basis, (_, value: unknown) =>
    isCount(value) ? Number(value.toPrecision(6)) : value,
  );
}
