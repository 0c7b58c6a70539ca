import type pg from 'pg';
import { CONTROL_STREAM } from '../../runtime/ports.js';
import { forgetLastSeen, forgetSeenHours } from './forget-sightings.js';
import { query } from './pool.js';

/** How many days records of what happened are kept. */
export interface RecordRetention {
  /** who was affected by an incident that is over, by network time: it says where people were */
  readonly affectedDays: number;
  /** messages of incidents and planned works that are over and what callers said, by network time; receipts, by wall time */
  readonly messageDays: number;
  /** timeline and growth of incidents that are over, and levels accepted, by network time */
  readonly incidentDays: number;
  /** who called when, by network time */
  readonly callerDays: number;
  /** dead letters and their counts, by wall time */
  readonly deadLetterDays: number;
  /** what people did, by wall time, and what was reported to authorities, by network time */
  readonly auditDays: number;
}

/** What is kept when the configuration says nothing. */
export const RECORD_RETENTION: RecordRetention = {
  affectedDays: 30,
  messageDays: 90,
  incidentDays: 400,
  callerDays: 60,
  deadLetterDays: 30,
  auditDays: 1095,
};

/** Rows that one statement deletes, and statements of one kind a run: the rest waits for the next. */
const BATCH = 5_000;
const MOST_BATCHES = 20;

/** Hours in which people were seen wait no longer than this to be learnt from. */
const SEEN_HOURS_MS = 48 * 3_600_000;

/** A single call that is sent again later than this counts again. */
const CALL_ID_DAYS = 3;

/** How long things are kept. */
export interface Retention {
  /** default `RECORD_RETENTION` */
  readonly records?: RecordRetention;
  /** journal entries that every reader has a checkpoint behind, wall ms */
  readonly journalMs: number;
  /** issued forecasts, by network time */
  readonly forecastDays: number;
  /** sightings: where somebody was is not needed for longer, by network time */
  readonly presenceHours: number;
  /** that somebody was seen abroad, by network time; default `presenceHours` */
  readonly abroadHours?: number;
}

/**
 * Forgets what is older than its retention: journal entries that checkpoints cover, verdicts that
 * decisions have taken in, forecasts, sightings, sign-in links and sessions. Safe at any time.
 * @param networkMs network time, epoch ms
 */
export async function applyRetention(
  pool: pg.Pool,
  retention: Retention,
  networkMs: number,
): Promise<void> {
  await query(
    pool,
    `delete from journal using (
       select name as stream, stream_offset as done from checkpoints
       union all select $2, control_offset from decision_state
     ) as covered
     where journal.stream = covered.stream and journal."offset" <= covered.done
       and journal.received_at < now() - make_interval(secs => $1)`,
    [retention.journalMs / 1000, CONTROL_STREAM],
  );
  await query(
    pool,
    `delete from detect_events using decision_state, jsonb_each_text(cursors) as cursor (key, value)
     where shard = cursor.key and seq <= cursor.value::bigint`,
  );
  const before = (ms: number): Date => new Date(networkMs - ms);
  await query(pool, 'delete from forecasts where issued_at < $1', [
    before(retention.forecastDays * 86_400_000),
  ]);
  const sighted = before(retention.presenceHours * 3_600_000);
  const abroad = before(Math.max(retention.abroadHours ?? 0, retention.presenceHours) * 3_600_000);
  await forgetLastSeen(pool, sighted, abroad);
  await forget(pool, 'visitors_seen', 'seen_at < $1', sighted);
  await forgetSeenHours(pool, before(SEEN_HOURS_MS));
  await forgetRecords(pool, retention.records ?? RECORD_RETENTION, networkMs);
  await query(pool, 'delete from sessions where expires_at < now()');
  await query(pool, `delete from sign_in_links where expires_at < now() - interval '1 day'`);
}

async function forgetRecords(
  pool: pg.Pool,
  records: RecordRetention,
  networkMs: number,
): Promise<void> {
  const over = `incident_id in (select incident_id from incidents
    where state in ('resolved', 'closed') and ended_at < $1)`;
  const networkDays = (days: number): Date => new Date(networkMs - days * 86_400_000);
  const [affected, messages, incidents] = [
    networkDays(records.affectedDays),
    networkDays(records.messageDays),
    networkDays(records.incidentDays),
  ];
  await forget(
    pool,
    'incident_subscribers',
    over.replaceAll('incident_id', 'incident_no'),
    affected,
  );
  const isSettled = `state in ('accepted', 'delivered', 'failed', 'suppressed')`;
  await forget(pool, 'outbox', `${isSettled} and ${over}`, messages);
  // planned works are over when their announced end has passed
  const ofWorks = (column: string): string =>
    `${column} in (select ${column} from waves where kind = 'works' and ends_at < $1)`;
  const isOfWorks = `${ofWorks('incident_id')} and ${ofWorks('wave_id')}`;
  await forget(pool, 'outbox', `${isSettled} and ${isOfWorks}`, messages);
  await forget(pool, 'agent_answers', 'at < $1', messages);
  await forget(pool, 'impact_history', over, incidents);
  await forget(pool, 'incident_events', over, incidents);
  await forget(pool, 'cell_incidents', over.replaceAll('incident_id', 'incident_no'), incidents);
  await forget(pool, 'accepted_levels', 'at < $1', incidents);
  const since = (column: string) => `${column} < now() - make_interval(days => $1)`;
  await forget(pool, 'help_answers', since('at'), 1);
  await forget(pool, 'delivery_receipts', since('received_at'), records.messageDays);
  await forget(pool, 'dead_letters', since('received_at'), records.deadLetterDays);
  await forget(pool, 'dead_letter_counts', since('day'), records.deadLetterDays);
  await forget(pool, 'audit_log', since('at'), records.auditDays);
  await forget(pool, 'authority_reports', 'at < $1', networkDays(records.auditDays));
  await forget(pool, 'single_call_ids', 'at < $1', networkDays(CALL_ID_DAYS));
  await forget(pool, 'caller_calls', 'at < $1', networkDays(records.callerDays));
  await forget(pool, 'wave_effects', 'ended_at < $1', incidents);
}

/** Deletes in small batches, so that nobody waits long for a lock. @param where with one value, $1 */
async function forget(
  pool: pg.Pool,
  table: string,
  where: string,
  value: Date | number,
): Promise<void> {
  const sql = `delete from ${table}
    where ctid = any(array(select ctid from ${table} where ${where} limit ${BATCH}))`;
  for (let batch = 0; batch < MOST_BATCHES; batch++) {
    const { rowCount } = await query(pool, sql, [value]);
    if ((rowCount ?? 0) < BATCH) return;
  }
}
