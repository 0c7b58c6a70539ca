import { IS_REVIVED, MESSAGE_ID, PEOPLE_COUNTS } from './expansion-sql.js';
import { dispatchFacts, INCIDENT_FACTS } from './outbox-sql.js';

const DUE_COLUMNS = `message_id, wave_id, incident_id, lineage_id, phone_key, revision, attempts,
  refusals, kind, language, subscriber_id, priority as urgency, channel,
  failed_channels, is_manager`;

/** What only tells people apart, not what is decided about them. */
const PERSONAL = `{messageId,phoneKey,to,attempts,refusals,subscriberId,account}`;

/**
 * People of a wave in groups about whom the same is known, from \`whom\`, a WHOM statement; no more
 * than what waits already or would be written. $8 the wave as a row, $9 probabilities that decide
 * anything, the common one first: only between which of them somebody's lies is told.
 */
export function groupsStatement(whom: string): string {
  return `${whom},
due as materialized (
  select ${DUE_COLUMNS} from (
    select ${MESSAGE_ID} as message_id, $4::text as wave_id, $1::text as incident_id,
      $5::text as lineage_id, n.phone_key, $7::int as revision, 0 as attempts, 0 as refusals,
      $6::text as kind, n.language, n.subscriber_id, n.priority,
      coalesce(n.channel, 'sms') as channel, '' as failed_channels,
      n.is_manager
    from n where not n.is_control and not exists (
      select from outbox o where o.phone_key = n.phone_key and o.lineage_id = $5 and o.kind = $6
        and o.revision = $7 and not (${IS_REVIVED}))) fresh
  union all
  select ${DUE_COLUMNS} from outbox
  where wave_id = $4 and (state = 'pending' or state = 'suppressed' and reason = 'shadow')),
w as materialized (select (jsonb_populate_record(null::waves, $8::jsonb)).*),
incident as materialized (${INCIDENT_FACTS} where i.incident_id = $1),
facts as materialized (select * from (with ${dispatchFacts('($9::float8[])[1]')}) f),
groups as (
  select to_jsonb(f) - '${PERSONAL}'::text[] || jsonb_build_object(
      'isNumbered', f."to" is not null,
      'probability', (select max(t) from unnest($9::float8[]) t where t <= f.probability)) as facts,
    count(*)::int as people, min(f."to") as sample
  from facts f group by 1)
select coalesce((select jsonb_agg(g) from groups g), '[]') as groups,
  (select count(*) from n where n.is_control and not exists (
    select from outbox o where o.phone_key = n.phone_key and o.lineage_id = $5 and o.kind = $6
      and o.revision = $7))::int as controls, ${PEOPLE_COUNTS}`;
}

/** The latest wave of a kind. $1 incident, $2 kind. */
export const LATEST_WAVE = `
select to_jsonb(w) as doc, w.wave_id as "waveId", w.incident_id as "incidentId",
  w.lineage_id as "lineageId", w.kind, w.revision, w.state, w.reason, w.people::float8 as people,
  w.resource_id as "resourceId", w.covered_at as "coveredAt"
from waves w where w.incident_id = $1 and w.kind = $2 order by w.revision desc limit 1`;

/** Messages of a wave whose lot is cast. $1 wave. */
export const CAST = `
select state, reason, count(*)::int as people from outbox
where wave_id = $1 and state <> 'pending' and reason is distinct from 'shadow'
group by 1, 2 order by 3 desc`;

/** What other waves have ready for the sender. $1 this wave. */
export const BACKLOG = `
select o.channel, o.priority, o.kind, o.language, count(*)::int as messages
from waves w join outbox o using (wave_id)
where not w.drained and w.state in ('expanding', 'expanded') and w.wave_id <> $1
  and o.state = 'pending' and o.not_before is null
group by 1, 2, 3, 4`;

/** Segments of SMS handed over so far. $1 lineage. */
export const SPENT = `
select coalesce(sum(segments) filter (where lineage_id in (select lineage_family($1))), 0)::float8
    as incident,
  coalesce(sum(segments) filter (
    where month = date_trunc('month', now() at time zone 'UTC')::date), 0)::float8 as month
from sms_spend where channel = 'sms'`;
