import type pg from 'pg';
import type { UnaddressedNews } from '../../domain/news.js';
import type { ClaimedDelivery, DeliveryOutcome, DeliveryQueue } from '../../forecast/desk/ports.js';
import { query } from './pool.js';
import { readSwitches } from './switches.js';

interface DeliveryRow {
  delivery_id: string;
  recipient: string;
  news: UnaddressedNews;
  attempts: number;
  created_at: Date;
}

/** News that would be false by now: nobody is told of a surge that is over, or of its end alone. */
const SUPERSEDE = `
  update desk_deliveries d set state = 'superseded', lease_until = null,
    reason = case when d.kind = 'allClear' then 'was told of no surge' else 'the surge is over' end
  from surge_alerts a
  where a.alert_id = d.alert_id and d.state = 'pending'
    and case when d.kind = 'allClear'
          then not exists (select from desk_deliveries t where t.alert_id = d.alert_id
                 and t.recipient = d.recipient and t.kind <> 'allClear'
                 and t.state in ('sent', 'claimed'))
          else a.cleared_at is not null end`;

/**
 * The same for partners: nobody is told of an incident that is over, or of its end alone, and of two
 * changes that wait the newer one is enough.
 */
const SUPERSEDE_NOTICES = `
  update desk_deliveries d set state = 'superseded', lease_until = null,
    reason = case when d.kind = 'change' and p.over_at is null then 'newer news stands'
      when d.kind in ('onset', 'change') then 'it is over' else 'was told of nothing' end
  from partner_notices p
  where p.notice_id = d.notice_id and d.state = 'pending'
    and case when d.kind in ('onset', 'change')
          then p.over_at is not null
            or d.kind = 'change' and exists (select from desk_deliveries n
              where n.notice_id = d.notice_id and n.recipient = d.recipient and n.kind = 'change'
                and n.revision > d.revision and n.state = 'pending')
          else not exists (select from desk_deliveries t where t.notice_id = d.notice_id
                 and t.recipient = d.recipient and t.revision < d.revision
                 and t.kind in ('onset', 'change') and t.state in ('sent', 'claimed')) end`;

/** $1 limit, $2 lease in seconds; one that a dead worker held is taken again when its
 * lease ends; a recipient hears of an alert in order; $3 whether messages are stopped */
const CLAIM = `
  with due as (
    select delivery_id from desk_deliveries d
    where ((state = 'pending' and not_before <= now()) or (state = 'claimed' and lease_until < now()))
      and (d.notice_id is null or not $3)
      and not exists (select from desk_deliveries e
        where coalesce(e.alert_id, e.notice_id) = coalesce(d.alert_id, d.notice_id) and e.recipient = d.recipient and e.revision < d.revision and e.state in ('pending', 'claimed'))
    order by created_at, revision, delivery_id limit $1 for update skip locked)
  update desk_deliveries d set state = 'claimed', attempts = attempts + 1,
    lease_until = now() + make_interval(secs => $2)
  from due where due.delivery_id = d.delivery_id
  returning d.delivery_id, d.recipient, d.news, d.attempts, d.created_at`;

/** Deliveries to desks and partners in Postgres; any number of workers may share it. */
export class PostgresDeliveryQueue implements DeliveryQueue {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async claim(limit: number, leaseMs: number): Promise<ClaimedDelivery[]> {
    await query(this.#pool, SUPERSEDE);
    await query(this.#pool, SUPERSEDE_NOTICES);
    const { isKilled } = await readSwitches(this.#pool);
    const values = [limit, leaseMs / 1000, isKilled];
    const { rows } = await query<DeliveryRow>(this.#pool, CLAIM, values);
    return rows
      .map((row) => ({
        deliveryId: row.delivery_id,
        recipient: row.recipient,
        news: row.news,
        attempts: row.attempts,
        createdAtMs: row.created_at.getTime(),
      }))
      .sort((a, b) => a.createdAtMs - b.createdAtMs);
  }

  async settle(delivery: ClaimedDelivery, outcome: DeliveryOutcome): Promise<void> {
    const isSent = outcome.status === 'sent';
    await query(
      this.#pool,
      `update desk_deliveries set state = $3, reason = $4, lease_until = null,
         sent_at = case when $3 = 'sent' then now() end
       where delivery_id = $1 and state = 'claimed' and attempts = $2`,
      [
        delivery.deliveryId,
        delivery.attempts,
        isSent ? 'sent' : 'failed',
        isSent ? null : outcome.reason,
      ],
    );
  }

  async postpone(delivery: ClaimedDelivery, reason: string, waitMs: number): Promise<void> {
    await query(
      this.#pool,
      `update desk_deliveries set state = 'pending', reason = $3, lease_until = null,
         not_before = now() + make_interval(secs => $4)
       where delivery_id = $1 and state = 'claimed' and attempts = $2`,
      [delivery.deliveryId, delivery.attempts, reason, waitMs / 1000],
    );
  }

  async trouble(): Promise<{ recipient: string; reason: string }[]> {
    const { rows } = await query<{ recipient: string; reason: string | null }>(
      this.#pool,
      `select recipient, reason from (
         select distinct on (recipient) recipient, reason, state, attempts from desk_deliveries
         where created_at > now() - interval '1 day'
         order by recipient, created_at desc, revision desc) as newest
       where state = 'failed' or (state = 'pending' and attempts > 0) order by recipient`,
    );
    return rows.map(({ recipient, reason }) => ({ recipient, reason: reason ?? '' }));
  }
}
