import type pg from 'pg';
import type { ImpactSummary } from '../../domain/customer.js';
import type { Incident } from '../../domain/incident.js';
import { decideUpdate } from '../../notify/decide-update.js';
import { decideWave, type WaveDecision, type WaveVerdict } from '../../notify/decide-wave.js';
import type { NotificationPolicy } from '../../notify/policy.js';
import type { MessagePlanner } from '../../notify/ports.js';
import { outsideRollout, type PlacedSite } from '../../notify/rollout.js';
import { placeOf } from './incident-place.js';
import { withTransaction } from './pool.js';
import { readSwitches } from './switches.js';
import { type ExpansionOptions, WaveExpansion } from './wave-expansion.js';
import {
  CANCEL_WAITING,
  DRAIN,
  PLAN_WAVE,
  SAID_SO_FAR,
  SPENT_DOUBT,
  TAKE_IDLE,
} from './wave-sql.js';

interface SaidRow {
  hasTold: boolean;
  until: Date | null;
  updatedAt: Date | null;
  updates: number;
}

/** Waves: written with the incident, turned into messages afterwards, in chunks. */
export class PostgresWaveStore implements MessagePlanner<pg.ClientBase> {
  readonly #policy: NotificationPolicy;
  readonly #expansion: WaveExpansion;

  constructor(options: ExpansionOptions) {
    this.#policy = options.policy;
    this.#expansion = new WaveExpansion(options);
  }

  async planMessages(
    client: pg.ClientBase,
    incident: Incident,
    impact: ImpactSummary,
    nowMs: number,
  ): Promise<WaveVerdict> {
    for (const lineage of incident.absorbedLineages ?? []) {
      await this.mergeLineages(client, lineage, incident.lineageId);
    }
    if (incident.endedAt !== null) await client.query(CANCEL_WAITING, [incident.id]);
    const verdict = await this.judge(client, incident, impact, nowMs);
    if (verdict.status === 'due') await this.planWave(client, verdict, incident);
    const update = await this.judgeUpdate(client, incident, impact, nowMs);
    if (update.status === 'due') await this.planWave(client, update, incident);
    return verdict;
  }

  /** What the policy says of an incident as it is now. */
  async judge(
    client: pg.ClientBase,
    incident: Incident,
    impact: ImpactSummary,
    nowMs: number,
  ): Promise<WaveVerdict> {
    const { isShadow } = await readSwitches(client);
    const spentDoubt = await spentDoubtBefore(client, incident.id, nowMs);
    const outside = await this.#outside(client, incident);
    const context = { isShadow, spentDoubt, outside };
    return decideWave(incident, impact, this.#policy, nowMs, context);
  }

  /** Whether those who were told are due a new estimate: a wave of its own beside the other. */
  async judgeUpdate(
    client: pg.ClientBase,
    incident: Incident,
    impact: ImpactSummary,
    nowMs: number,
  ): Promise<WaveVerdict> {
    if (incident.state !== 'open' || !this.#policy.kinds.update.enabled) {
      return { status: 'none', reason: 'policy: update is not sent, or not in this state' };
    }
    const { rows } = await client.query<SaidRow>(SAID_SO_FAR, [incident.lineageId]);
    const [said] = rows;
    if (!said?.hasTold) return { status: 'none', reason: 'nobody was told' };
    const { isShadow } = await readSwitches(client);
    const soFar = {
      ...said,
      isShadow,
      untilMs: said.until?.getTime() ?? null,
      updatedAtMs: said.updatedAt?.getTime() ?? null,
    };
    return decideUpdate(incident, impact, soFar, this.#policy, nowMs);
  }

  async #outside(client: pg.ClientBase, { sites }: Incident): Promise<string | undefined> {
    if (this.#policy.rollout.regions === null) return undefined;
    const { rows } = await client.query<PlacedSite>(
      `select site_id as "siteId", lat, lon from sites
       where site_id = any($1::text[]) and valid_to = 'infinity'`,
      [sites],
    );
    return outsideRollout(rows, this.#policy);
  }

  /** Stores one decided wave. @returns whether a row was written */
  async planWave(
    client: pg.ClientBase,
    decision: WaveDecision,
    incident: Incident,
  ): Promise<boolean> {
    const place = await placeOf(client, incident.sites);
    const { rowCount } = await client.query(PLAN_WAVE, [
      decision.waveId,
      decision.incidentId,
      decision.lineageId,
      decision.kind,
      decision.revision,
      decision.state,
      decision.reason,
      decision.people,
      place.name,
      place.isAround,
      place.zone,
      new Date(decision.decidedAtMs),
      new Date(decision.validUntilMs),
      decision.doubt,
      decision.estimateMs === null ? null : new Date(decision.estimateMs),
    ]);
    return (rowCount ?? 0) > 0;
  }

  /**
   * Says that a lineage's incidents were merged into another's: whoever was told by either is told.
   * Saying it again changes nothing.
   */
  async mergeLineages(client: pg.ClientBase, from: string, into: string): Promise<void> {
    if (from === into) return;
    await client.query(
      `with root as (
         select coalesce((select into_lineage_id from lineage_merges where lineage_id = $2), $2) id),
       moved as (
         update lineage_merges m set into_lineage_id = root.id from root
         where m.into_lineage_id = $1 and root.id <> $1)
       insert into lineage_merges (lineage_id, into_lineage_id)
       select $1, root.id from root where root.id <> $1
       on conflict (lineage_id) do update set into_lineage_id = excluded.into_lineage_id`,
      [from, into],
    );
  }

  /** Expands the next chunk of the wave that waits longest. @returns whether there was one */
  async expand(pool: pg.Pool): Promise<boolean> {
    return withTransaction(pool, async (client) => {
      if (await this.#expansion.expand(client)) return true;
      await drain(client);
      return false;
    });
  }
}

async function spentDoubtBefore(
  client: pg.ClientBase,
  incidentId: string,
  nowMs: number,
): Promise<number> {
  const { rows } = await client.query<{ spent: number }>(SPENT_DOUBT, [
    incidentId,
    new Date(nowMs),
  ]);
  return rows[0]?.spent ?? 0;
}

async function drain(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ waveId: string }>(TAKE_IDLE);
  if (rows.length > 0) await client.query(DRAIN, [rows.map(({ waveId }) => waveId)]);
}
