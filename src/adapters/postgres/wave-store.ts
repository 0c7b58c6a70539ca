import type pg from 'pg';
import type { ImpactSummary } from '../../domain/customer.js';
import type { Incident } from '../../domain/incident.js';
import { decideWave, type WaveDecision, type WaveVerdict } from '../../notify/decide-wave.js';
import type { NotificationPolicy } from '../../notify/policy.js';
import type { MessagePlanner } from '../../notify/ports.js';
import { placeOf } from './incident-place.js';
import { withTransaction } from './pool.js';
import { readSwitches } from './switches.js';
import {
  CANCEL_WAITING,
  DRAIN,
  EXPAND_ONSET,
  EXPAND_RESTORED,
  EXPANSION_END,
  EXPANSION_STEP,
  PLAN_WAVE,
  SPENT_DOUBT,
  TAKE_IDLE,
  TAKE_WAVE,
} from './wave-sql.js';

interface DueWave {
  waveId: string;
  incidentId: string;
  lineageId: string;
  kind: 'onset' | 'restored';
  revision: number;
  state: string;
  expandedTo: number;
  coveredAt: Date | number;
  expandingAt: Date | null;
}

interface Chunk {
  seen: number;
  last: number | null;
  people: number;
  noNumber: number;
  written: number;
}

const CHUNK = 10_000;

/** Waves: written with the incident, turned into messages afterwards, in chunks. */
export class PostgresWaveStore implements MessagePlanner<pg.ClientBase> {
  readonly #policy: NotificationPolicy;
  readonly #chunk: number;

  /** @param chunk people per transaction of an expansion, at most 10,000 */
  constructor(policy: NotificationPolicy, chunk = CHUNK) {
    this.#policy = policy;
    this.#chunk = Math.min(CHUNK, chunk);
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
    const { isShadow } = await readSwitches(client);
    const spentDoubt = await spentDoubtBefore(client, incident.id, nowMs);
    const verdict = decideWave(incident, impact, this.#policy, nowMs, { isShadow, spentDoubt });
    if (verdict.status === 'due') await this.planWave(client, verdict, incident);
    return verdict;
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
      const { rows } = await client.query<DueWave>(TAKE_WAVE);
      const wave = rows[0];
      if (!wave) {
        await drain(client);
        return false;
      }
      await this.#expandChunk(client, wave);
      return true;
    });
  }

  async #expandChunk(client: pg.PoolClient, wave: DueWave): Promise<void> {
    const chunk = await this.#insertChunk(client, wave);
    await client.query(EXPANSION_STEP, [
      wave.waveId,
      chunk.last ?? wave.expandedTo,
      wave.expandingAt,
      chunk.people,
      chunk.noNumber,
      chunk.written,
    ]);
    if (chunk.seen < this.#chunk)
      await client.query(EXPANSION_END, [wave.waveId, wave.expandingAt]);
  }

  async #insertChunk(client: pg.PoolClient, wave: DueWave): Promise<Chunk> {
    const isShadow = wave.state === 'shadow';
    const common = [
      wave.incidentId,
      wave.expandedTo,
      this.#chunk,
      wave.waveId,
      wave.lineageId,
      wave.kind,
      wave.revision,
      isShadow ? 'suppressed' : 'pending',
      isShadow ? 'shadow' : null,
    ];
    const { people, priority } = this.#policy;
    const { rows } =
      wave.kind === 'restored'
        ? await client.query<Chunk>(EXPAND_RESTORED, common)
        : await client.query<Chunk>(EXPAND_ONSET, [
            ...common,
            people.minProbability,
            people.excludeKinds,
            wave.coveredAt instanceof Date ? wave.coveredAt : '-infinity',
            priority.vulnerable,
            priority.reachable,
            JSON.stringify(priority.segments),
          ]);
    return rows[0] ?? { seen: 0, last: null, people: 0, noNumber: 0, written: 0 };
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
