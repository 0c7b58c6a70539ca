import type pg from 'pg';
import type { OperatorRecord, OperatorStore, SurgeSeen } from '../../api/ports.js';
import type { OperatorAct } from '../../domain/facts.js';
import { query, withTransaction } from './pool.js';

/** Journals an act inside the transaction given. */
export type JournalAct = (client: pg.PoolClient, act: OperatorAct) => Promise<void>;

const INSERT_AUDIT =
  'insert into audit_log (actor, action, target, why, detail) values ($1, $2, $3, $4, $5)';

function valuesOf(record: OperatorRecord): unknown[] {
  return [record.actor, record.action, record.target, record.why, JSON.stringify(record.detail)];
}

/** What operators did, and the kill switch as every outbox worker reads it. */
export function postgresOperators(pool: pg.Pool, journal: JournalAct): OperatorStore {
  const write = async (client: pg.PoolClient, act: OperatorAct, record: OperatorRecord) => {
    await client.query(INSERT_AUDIT, valuesOf(record));
    // Last, since it keeps other writers of the stream waiting until the commit.
    await journal(client, act);
  };
  return {
    acknowledgeSurge: (seen) => withTransaction(pool, (client) => acknowledgeSurge(client, seen)),
    async audit(record) {
      await query(pool, INSERT_AUDIT, valuesOf(record));
    },
    async act(act, record) {
      await withTransaction(pool, (client) => write(client, act, record));
    },
    async setKillSwitch(on, act, record) {
      await withTransaction(pool, async (client) => {
        await client.query(
          `insert into settings (key, value, updated_at) values ('killSwitch', $1, now())
           on conflict (key) do update set value = excluded.value, updated_at = excluded.updated_at`,
          [JSON.stringify({ on, by: record.actor, why: record.why })],
        );
        await write(client, act, record);
      });
    },
  };
}

/** Where what was told of is kept: an alert of a surge, or a partner's notice. Locks it. */
async function tableOf(
  client: pg.PoolClient,
  id: string,
): Promise<'surge_alerts' | 'partner_notices' | undefined> {
  const alerts = await client.query('select from surge_alerts where alert_id = $1 for share', [id]);
  if (alerts.rowCount === 1) return 'surge_alerts';
  const notices = await client.query('select from partner_notices where notice_id = $1 for share', [
    id,
  ]);
  return notices.rowCount === 1 ? 'partner_notices' : undefined;
}

async function acknowledgeSurge(
  client: pg.PoolClient,
  { alertId, who, via, note }: SurgeSeen,
): Promise<'kept' | 'known' | 'unknown'> {
  const table = await tableOf(client, alertId);
  if (table === undefined) return 'unknown';
  const key = table === 'surge_alerts' ? 'alert_id' : 'notice_id';
  const { rowCount: kept } = await client.query(
    `insert into desk_acknowledgements (${key}, who, via, note) values ($1, $2, $3, $4)
     on conflict do nothing`,
    [alertId, who, via, note],
  );
  if (kept === 0) return 'known';
  const action = table === 'surge_alerts' ? 'surge.acknowledge' : 'partner.acknowledge';
  const record = { actor: who, action, target: alertId, why: note };
  await client.query(INSERT_AUDIT, valuesOf({ ...record, detail: { via } }));
  return 'kept';
}
