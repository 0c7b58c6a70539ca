import type pg from 'pg';
import type { FlagMapper } from '../../crm/ports.js';
import { TocsinError } from '../../domain/errors.js';
import type { Incident } from '../../domain/incident.js';
import type { SurgeDesk } from '../../forecast/desk/ports.js';
import type { ImpactMapper } from '../../impact/ports.js';
import type { MessagePlanner } from '../../notify/ports.js';
import type {
  DecisionCheckpoint,
  DecisionStore,
  DecisionTransaction,
} from '../../runtime/decisions/ports.js';
import { PostgresDecisionTransaction } from './decision-transaction.js';
import type { Leadership } from './leader.js';
import { query, type TransactionLimits, withTransaction } from './pool.js';
import { unstorableReason } from './unstorable.js';

function sayUnstorable(error: unknown): never {
  const reason = unstorableReason(error);
  if (reason === undefined) throw error;
  throw new TocsinError('input.payload', reason, { cause: error });
}

/** What follows from an incident, each in the deciding transaction. */
export interface Consequences {
  readonly impact: ImpactMapper<pg.ClientBase>;
  readonly waves: MessagePlanner<pg.ClientBase>;
  readonly flags: FlagMapper<pg.ClientBase>;
  readonly desk: SurgeDesk<pg.ClientBase>;
}

interface StateRow {
  state: Buffer;
  control_offset: number;
  tick_ms: number;
  cursors: Record<string, number>;
}

const LIMITS: TransactionLimits = { statementMs: 300_000, lockMs: 15_000, totalMs: 900_000 };

/** Decisions in Postgres: incidents with all that follows from them, and where correlate stands. */
export class PostgresDecisionStore implements DecisionStore {
  readonly #pool: pg.Pool;
  readonly #leadership: () => Leadership | undefined;
  readonly #consequences: Consequences;

  readonly #limits: TransactionLimits;

  /** @param limits of a deciding transaction; by default what half a million affected people take */
  constructor(
    pool: pg.Pool,
    leadership: () => Leadership | undefined,
    consequences: Consequences,
    limits = LIMITS,
  ) {
    this.#limits = limits;
    this.#pool = pool;
    this.#leadership = leadership;
    this.#consequences = consequences;
  }

  async load(): Promise<DecisionCheckpoint | undefined> {
    const { rows } = await query<StateRow>(
      this.#pool,
      'select state, control_offset, tick_ms, cursors from decision_state',
    );
    const row = rows[0];
    if (!row) return undefined;
    const { state, control_offset, tick_ms, cursors } = row;
    return { state, controlOffset: control_offset, tickMs: tick_ms, cursors };
  }

  async activeIncidents(): Promise<Incident[]> {
    const { rows } = await query<{ doc: Incident }>(
      this.#pool,
      `select doc from incidents where state in ('suspected', 'open', 'recovering')
       order by incident_id`,
    );
    return rows.map(({ doc }) => doc);
  }

  async transact<Result>(body: (tx: DecisionTransaction) => Promise<Result>): Promise<Result> {
    const leadership = this.#leadership();
    if (!leadership) throw new TocsinError('lease.lost', 'another instance leads');
    const decide = async (client: pg.PoolClient): Promise<Result> => {
      await leadership.assert(client);
      const tx = new PostgresDecisionTransaction(client, leadership.epoch, this.#consequences);
      return body(tx).catch(sayUnstorable);
    };
    return withTransaction(this.#pool, decide, this.#limits);
  }
}
