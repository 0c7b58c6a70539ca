import type pg from 'pg';
import type { Incident } from '../../domain/incident.js';
import type { MessagePlanner } from '../../notify/ports.js';
import type { PostgresFlagStore } from './crm-store.js';
import {
  findUnfinished,
  type ImpactState,
  lastSubscriber,
  lockState,
  nextRange,
  saveState,
  type Unfinished,
} from './impact-state.js';
import type { PostgresImpactStore } from './impact-store.js';
import type { Leadership } from './leader.js';
import { type TransactionLimits, withTransaction } from './pool.js';

/** What the worker carries on. */
export interface ImpactWork {
  readonly impact: PostgresImpactStore;
  readonly waves: MessagePlanner<pg.ClientBase>;
  readonly flags: PostgresFlagStore;
}

/** What the worker stands on. */
export interface ImpactWorkerOptions extends ImpactWork {
  readonly pool: pg.Pool;
  /** of the leader: what a former one began, its successor goes on with */
  readonly leadership: () => Leadership | undefined;
  /** network time of the decisions, epoch ms */
  readonly now: () => number;
  /** told of an incident whose list has become complete */
  readonly completed?: (incidentId: string) => void;
}

const LIMITS: TransactionLimits = { statementMs: 120_000, lockMs: 15_000, totalMs: 300_000 };
/** Flags are larger than rows of a list. */
const FLAG_STEPS = 4;

/**
 * Makes long lists of affected people and their flags, a range of people in each transaction, so that
 * no decision waits long. Where it stands is stored with each range: after any failure or change of
 * leader it goes on there. Nobody is told, and counts are an estimate, until a list is complete.
 */
export class ImpactWorker {
  readonly #options: ImpactWorkerOptions;

  constructor(options: ImpactWorkerOptions) {
    this.#options = options;
  }

  /** Does one range of the list that waits longest. */
  async turn(): Promise<'busy' | 'idle'> {
    const { pool, leadership } = this.#options;
    const leader = leadership();
    if (!leader) return 'idle';
    const found = await findUnfinished(pool);
    if (!found) return 'idle';
    const work = async (client: pg.PoolClient): Promise<void> => {
      await leader.assert(client);
      await this.#work(client, found.incidentId, found.what);
    };
    await withTransaction(pool, work, LIMITS);
    if (found.what === 'completion') this.#options.completed?.(found.incidentId);
    return 'busy';
  }

  async #work(client: pg.PoolClient, incidentId: string, what: Unfinished): Promise<void> {
    // the incident's row before the list's, as decisions take them
    const lock = what === 'completion' ? 'for update' : '';
    const { rows } = await client.query<{ doc: Incident }>(
      `select doc from incidents where incident_id = $1 ${lock}`,
      [incidentId],
    );
    const incident = rows[0]?.doc;
    if (!incident) return;
    const nowMs = this.#options.now();
    const state = await lockState(client, incidentId, nowMs);
    if (what === 'list' && state.leftToMap > 0) {
      await saveState(client, await this.#options.impact.step(client, state, incident, nowMs));
    } else if (what === 'completion' && state.leftToMap === 0) {
      await this.#complete(client, state, incident, nowMs);
    } else if (what === 'flags' && state.leftToFlag > 0) {
      await this.#flag(client, state, incident, nowMs);
    }
  }

  /** From now on the list is acted upon, as a decision would. */
  async #complete(
    client: pg.PoolClient,
    before: ImpactState,
    incident: Incident,
    nowMs: number,
  ): Promise<void> {
    const { impact, waves, flags } = this.#options;
    const state = await impact.complete(client, before);
    await saveState(client, state);
    const summary = await impact.summary(client, state, incident, nowMs);
    await client.query('update incidents set impact = $2, rank_score = $3 where incident_id = $1', [
      incident.id,
      JSON.stringify(summary),
      summary.rankScore,
    ]);
    await waves.planMessages(client, incident, summary, nowMs);
    await flags.refresh(client, incident, nowMs);
  }

  async #flag(
    client: pg.PoolClient,
    state: ImpactState,
    incident: Incident,
    nowMs: number,
  ): Promise<void> {
    const last = await lastSubscriber(client);
    const step = Math.max(1, Math.floor(Math.min(state.step, last) / FLAG_STEPS));
    const range = nextRange(state.flaggedTo, Math.min(state.leftToFlag, last), step, last);
    await this.#options.flags.refreshRange(client, incident, nowMs, range);
    await saveState(client, { ...state, flaggedTo: range.position, leftToFlag: range.left });
  }
}
