import type pg from 'pg';
import type {
  AffectedHistory,
  AffectedPage,
  AffectedReads,
  PartnerNotice,
} from '../../api/ports.js';
import { eachService, reachChannel } from '../../domain/services.js';
import { unpackLost } from './packed-lost.js';
import { query } from './pool.js';

const SPELL = `i.affected_from as "affectedFrom", i.affected_to as "affectedTo",
  i.probability::float8 as probability, i.service, i.lost as packed,
  greatest(0, i.minutes)::float8 as "userMinutes"`;

/** People of an incident by id. $1 incident, $2 after that id, $3 how many. */
const OF_INCIDENT = `
select i.subscriber_id as "subscriberId", c.kind, c.brand, c.segment, ${SPELL}
from incident_subscribers i join subscriber_classes c using (class)
where i.incident_no = (select incident_no from incidents where incident_id = $1)
  and i.subscriber_id > $2
order by i.subscriber_id limit $3`;

/** Incidents of a person. $1 subscription, $2 how many. */
const OF_PERSON = `
select n.incident_id as "incidentId", n.state, ${SPELL}
from incident_subscribers i join incidents n using (incident_no)
where i.subscriber_id = $1
order by i.affected_from desc, n.incident_id limit $2`;

/** Counts of running incidents for the customers of a brand. $1 brand. */
const OF_BRAND = `
select n.incident_id as "incidentId", n.state, n.started_at as "startedAt",
  n.doc ->> 'estimatedRepairAt' as "estimatedRepairAt", n.cause_kind as "causeKind",
  coalesce(sum(k.people) filter (where c.kind <> 'machine'), 0)::int as subscribers,
  coalesce(sum(k.people) filter (where c.kind = 'machine'), 0)::int as machines,
  sum(k.expected) as expected, sum(k.voice) as voice, sum(k.data) as data, sum(k.sms) as sms,
  not s.is_complete as "isEstimate"
from incidents n join impact_state s using (incident_no)
join impact_counts k using (incident_no) join subscriber_classes c using (class)
where n.state in ('open', 'recovering') and c.brand = $1 and k.people > 0
group by n.incident_id, s.is_complete
order by n.started_at, n.incident_id`;

interface SpellRow {
  affectedFrom: Date;
  affectedTo: Date | null;
  probability: number;
  service: 'none' | 'degraded';
  packed: number;
  userMinutes: number;
}

function spellOf({ packed, affectedFrom, affectedTo, ...rest }: SpellRow) {
  const lost = unpackLost(packed);
  const from = affectedFrom.toISOString();
  return { ...rest, lost, affectedFrom: from, affectedTo: affectedTo?.toISOString() ?? null };
}

type Person = AffectedPage['people'][number];
type Past = AffectedHistory['incidents'][number];
type PersonRow = SpellRow & Pick<Person, 'subscriberId' | 'kind' | 'brand' | 'segment'>;
type PastRow = SpellRow & Pick<Past, 'incidentId' | 'state'>;
type Notice = PartnerNotice['incidents'][number];
type NoticeRow = Omit<Notice, 'startedAt' | 'subscribers' | 'machines' | 'lost'> &
  Record<'subscribers' | 'machines' | 'expected' | 'voice' | 'data' | 'sms', number> & {
    readonly startedAt: Date;
  };

function personOf({ subscriberId, kind, brand, segment, ...row }: PersonRow): Person {
  const spell = spellOf(row);
  const reach = reachChannel(eachService((service) => spell.probability * spell.lost[service]));
  return { subscriberId, kind, brand, segment, ...spell, reach };
}

function noticeOf({ expected, voice, data, sms, ...row }: NoticeRow, fewest: number): Notice {
  const told = (count: number): number | null => (count < fewest ? null : count);
  const sums = { voice, data, sms };
  const mean = eachService((service) =>
    expected > 0 ? Math.min(1, Math.max(0, sums[service] / expected)) : 0,
  );
  return {
    ...row,
    startedAt: row.startedAt.toISOString(),
    subscribers: told(row.subscribers),
    machines: told(row.machines),
    lost: mean,
  };
}

/** Who was affected from when to when. */
export function postgresAffectedReads(pool: pg.Pool): AffectedReads {
  return {
    async ofIncident(incidentId, after, limit) {
      const known = await query(pool, 'select from incidents where incident_id = $1', [incidentId]);
      if (known.rowCount === 0) return undefined;
      const { rows } = await query<PersonRow>(pool, OF_INCIDENT, [incidentId, after, limit]);
      const last = rows.length < limit ? undefined : rows.at(-1);
      return { people: rows.map(personOf), next: last?.subscriberId ?? null };
    },
    async ofPerson(subscriberId, limit) {
      const { rows } = await query<PastRow>(pool, OF_PERSON, [subscriberId, limit]);
      return rows.map(({ incidentId, state, ...row }) => ({ incidentId, state, ...spellOf(row) }));
    },
    async ofBrand(brand, fewest) {
      const { rows } = await query<NoticeRow>(pool, OF_BRAND, [brand]);
      return rows.map((row) => noticeOf(row, fewest));
    },
  };
}
