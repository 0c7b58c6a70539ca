import type pg from 'pg';
import type { PartnerNoticeItem } from '../../api/ports.js';
import { iso } from './iso-column.js';
import { query } from './pool.js';

interface NoticeRow extends Omit<PartnerNoticeItem, 'raisedAt' | 'overAt' | 'last'> {
  readonly raisedAt: Date;
  readonly overAt: Date | null;
  readonly news: PartnerNoticeItem['last'];
}

/** $1 incident: its lineage's notices */
const NOTICES = `
select p.notice_id as "alertId", p.partner, p.raised_at as "raisedAt", p.over_at as "overAt", p.news,
  coalesce((select jsonb_agg(jsonb_build_object('recipient', d.recipient, 'kind', d.kind,
      'revision', d.revision, 'state', d.state, 'reason', d.reason, 'attempts', d.attempts,
      'decidedAt', d.news -> 'decidedAt', 'sentAt', ${iso('d.sent_at')})
      order by d.revision, d.recipient)
    from desk_deliveries d where d.notice_id = p.notice_id), '[]') as deliveries,
  coalesce((select jsonb_agg(jsonb_build_object('who', k.who, 'via', k.via, 'note', k.note,
      'at', ${iso('k.at')}) order by k.at)
    from desk_acknowledgements k where k.notice_id = p.notice_id), '[]') as acknowledgements
from partner_notices p
where p.lineage_id = (select lineage_id from incidents where incident_id = $1)
order by p.partner`;

/** What partners were told of an incident; undefined when there is no such one. */
export async function readPartnerNotices(
  pool: pg.Pool,
  incidentId: string,
): Promise<PartnerNoticeItem[] | undefined> {
  const { rows } = await query<NoticeRow>(pool, NOTICES, [incidentId]);
  if (rows.length === 0) {
    const known = await query(pool, 'select from incidents where incident_id = $1', [incidentId]);
    if (known.rowCount === 0) return undefined;
  }
  return rows.map(({ raisedAt, overAt, news, ...row }) => {
    const { kind, decidedAt, counts, areas } = news;
    return {
      ...row,
      raisedAt: raisedAt.toISOString(),
      overAt: overAt?.toISOString() ?? null,
      last: { kind, decidedAt, counts, areas },
    };
  });
}
