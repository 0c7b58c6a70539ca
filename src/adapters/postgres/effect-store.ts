import type pg from 'pg';
import type { EffectEstimate } from '../../domain/effect.js';
import type { ComplaintCounts } from '../../notify/effect/complaint-loop.js';
import { contrastSums } from '../../notify/effect/contrast.js';
import { type AccountGroup, controlContrast } from '../../notify/effect/control-group.js';
import { estimateEffect, type ObservedEffect } from '../../notify/effect/estimate.js';
import type { EffectStore, MeasuredEffect, MonthSpent } from '../../notify/effect/ports.js';
import {
  orderContrast,
  type SendingStratum,
  type StratumCall,
} from '../../notify/effect/sending-order.js';
import {
  COMPLAINTS,
  CONTROL_ACCOUNTS,
  MONTH_SPENT,
  ORDER_CALLS,
  STRATA,
  WAVES_TO_MEASURE,
} from './effect-sql.js';
import { query } from './pool.js';

/** A wave whose incident is over. */
interface EndedWave {
  waveId: string;
  incidentId: string;
  lineageId: string;
  endedAt: Date;
}

interface StoredRow {
  incident_id: string;
  ended_at: Date;
  observed: ObservedEffect;
  estimate: EffectEstimate;
}

/** Numbers of one account are few; more waves at once would hold a connection for long. */
const WAVES_A_TURN = 5;

/** Effects of waves, measured once their incident is over and kept. */
export class PostgresEffectStore implements EffectStore {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async measureEnded(nowMs: number, untilMinutes: number): Promise<number> {
    const { rows } = await query<EndedWave>(this.#pool, WAVES_TO_MEASURE, [
      new Date(nowMs),
      untilMinutes,
      WAVES_A_TURN,
    ]);
    for (const wave of rows) {
      const endMs = wave.endedAt.getTime() + untilMinutes * 60_000;
      const observed = await this.#observe(wave.waveId, endMs);
      await query(
        this.#pool,
        `insert into wave_effects (wave_id, incident_id, lineage_id, ended_at, observed, estimate)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
        [
          wave.waveId,
          wave.incidentId,
          wave.lineageId,
          wave.endedAt,
          JSON.stringify(observed),
          JSON.stringify(estimateEffect(observed)),
        ],
      );
    }
    return rows.length;
  }

  /** By the control group where there is one, else by the order of sending. */
  async #observe(waveId: string, endMs: number): Promise<ObservedEffect> {
    const found = await query<{ stratum: number; people: number; turns: number[] }>(
      this.#pool,
      STRATA,
      [waveId],
    );
    const strata = found.rows.map(({ people, turns }) => ({
      people,
      turns: Float64Array.from(turns),
    }));
    const firstMs = Math.min(...strata.map(({ turns }) => turns[0] ?? Number.POSITIVE_INFINITY));
    const span = [waveId, new Date(firstMs), new Date(endMs)];
    const groups = await query<AccountGroup>(this.#pool, CONTROL_ACCOUNTS, span);
    if (groups.rows.some(({ isControl }) => isControl)) return byControlGroup(groups.rows);
    const calls = await query<StratumCall>(this.#pool, ORDER_CALLS, span);
    return bySendingOrder(strata, calls.rows, endMs);
  }

  async measured(sinceMs: number, untilMs: number): Promise<MeasuredEffect[]> {
    const { rows } = await query<StoredRow>(
      this.#pool,
      `select incident_id, ended_at, observed, estimate from wave_effects
       where ended_at >= $1 and ended_at < $2 order by ended_at, wave_id`,
      [new Date(sinceMs), new Date(untilMs)],
    );
    return rows.map((row) => ({
      incidentId: row.incident_id,
      endedAtMs: row.ended_at.getTime(),
      observed: row.observed,
      estimate: row.estimate,
    }));
  }

  async learn(effect: EffectEstimate | undefined): Promise<void> {
    if (!effect?.reduction) {
      await query(this.#pool, 'delete from learnt_effect');
      return;
    }
    await query(
      this.#pool,
      `insert into learnt_effect (reduction, design, reason) values ($1, $2, $3)
       on conflict (is_only) do update set reduction = excluded.reduction,
         design = excluded.design, reason = excluded.reason, learnt_at = now()`,
      [Math.min(1, Math.max(0, effect.reduction.value)), effect.design, effect.reason],
    );
  }

  async complaints(hours: number): Promise<ComplaintCounts> {
    const { rows } = await query<ComplaintCounts>(this.#pool, COMPLAINTS, [hours]);
    return rows[0] ?? { messages: 0, optOuts: 0, replies: 0 };
  }

  async monthSpent(month: string, next: string): Promise<MonthSpent> {
    const { rows } = await query<MonthSpent>(this.#pool, MONTH_SPENT, [month, next]);
    return rows[0] ?? { segments: 0 };
  }
}

function byControlGroup(groups: readonly AccountGroup[]): ObservedEffect {
  const contrast = controlContrast(groups);
  const { told, untold, sums } = contrast;
  return {
    design: 'controlGroup',
    ...contrast,
    shareTold: told / Math.max(1, told + untold),
    callsAfterTold: sums.toldCalls,
  };
}

function bySendingOrder(
  strata: readonly SendingStratum[],
  calls: readonly StratumCall[],
  endMs: number,
): ObservedEffect {
  const contrast = orderContrast(strata, calls, endMs);
  const told = contrast.cells.reduce((sum, cell) => sum + cell.toldExposure, 0);
  const untold = contrast.cells.reduce((sum, cell) => sum + cell.untoldExposure, 0);
  return {
    design: 'sendingOrder',
    sums: contrastSums(contrast.cells, contrast.calls),
    told: strata.reduce((sum, { people }) => sum + people, 0),
    untold: 0,
    shareTold: told + untold > 0 ? told / (told + untold) : 0,
    callsAfterTold: contrast.callsAfterTurn,
  };
}
