import type pg from 'pg';
import { type ApprovalStep, approvalStep } from '../../notify/approval.js';
import type { NotificationPolicy } from '../../notify/policy.js';
import { query, withTransaction } from './pool.js';

/** A wave for which a step towards its approval was taken. */
export interface SteppedWave {
  readonly waveId: string;
  readonly incidentId: string;
  readonly kind: string;
  readonly people: number;
  readonly place: string;
  readonly reason: string;
  readonly step: ApprovalStep;
}

const TAKE = `
select wave_id as "waveId", incident_id as "incidentId", kind, people, place, reason, asked
from waves where state = 'awaitingApproval' and ask_after <= clock_timestamp()
order by ask_after, wave_id limit 1 for update skip locked`;

const ASKED = `
update waves set asked = asked + 1,
  ask_after = clock_timestamp() + $2::float8 * interval '1 millisecond'
where wave_id = $1`;

const GIVEN_UP = `update waves set ask_after = null where wave_id = $1`;

/**
 * Nobody's word: it counts towards the budget of wrong waves like one that went by itself. Planned
 * works are announced and no incident, so their text is their own.
 */
const SENT_SHORT = `
update waves set ask_after = null, state = 'expanding',
  variant = case kind when 'works' then 'full' else 'short' end, expansion_due = true,
  drained = false, waits_for_person = false, approved_by = 'policy', reason = 'nobody answered: ' || reason
where wave_id = $1`;

const AUDIT = `
insert into audit_log (actor, action, target, why, detail) values ($1, $2, $3, $4, $5)`;

/** Waves that wait for a person, in Postgres; any number of instances may ask. */
export class ApprovalQueue {
  readonly #pool: pg.Pool;
  readonly #policy: NotificationPolicy;
  readonly #contacts: readonly string[];

  /** @param contacts names of those on call, in the order they are asked */
  constructor(pool: pg.Pool, policy: NotificationPolicy, contacts: readonly string[]) {
    this.#pool = pool;
    this.#policy = policy;
    this.#contacts = contacts;
  }

  /** Takes the next step for the wave that waits longest, with its line in the audit log. */
  async step(): Promise<SteppedWave | undefined> {
    return withTransaction(this.#pool, async (client) => {
      const { rows } = await client.query<Omit<SteppedWave, 'step'> & { asked: number }>(TAKE);
      const [row] = rows;
      if (!row) return undefined;
      const { asked, ...wave } = row;
      const step = approvalStep({ asked, contacts: this.#contacts.length }, this.#policy);
      await this.#write(client, wave, step);
      return { ...wave, step };
    });
  }

  async #write(
    client: pg.PoolClient,
    { waveId, incidentId, reason, people }: Omit<SteppedWave, 'step'>,
    step: ApprovalStep,
  ): Promise<void> {
    const detail = { incidentId, people };
    switch (step.action) {
      case 'ask': {
        await client.query(ASKED, [waveId, step.waitMs]);
        const contact = this.#contacts[step.contact];
        await client.query(AUDIT, ['policy', 'wave.asked', waveId, reason, { ...detail, contact }]);
        return;
      }
      case 'wait':
        await client.query(ASKED, [waveId, step.waitMs]);
        return;
      case 'hold':
        await client.query(GIVEN_UP, [waveId]);
        await client.query(AUDIT, ['policy', 'wave.hold', waveId, 'nobody answered', detail]);
        return;
      case 'sendShort':
        await client.query(SENT_SHORT, [waveId]);
        await client.query(AUDIT, ['policy', 'wave.sendShort', waveId, 'nobody answered', detail]);
    }
  }

  /** Somebody could not be reached: the next one's turn comes at once. */
  async unreached(waveId: string, contact: string, why: string): Promise<void> {
    await query(
      this.#pool,
      `update waves set ask_after = clock_timestamp()
       where wave_id = $1 and state = 'awaitingApproval' and ask_after is not null`,
      [waveId],
    );
    await query(this.#pool, AUDIT, ['policy', 'wave.askFailed', waveId, why, { contact }]);
  }
}
