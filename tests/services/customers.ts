import { resolve } from 'node:path';
import type pg from 'pg';
import { phoneKey } from '../../src/adapters/postgres/phone-key.js';
import { loadYaml } from '../../src/adapters/rules/load-yaml.js';
import { CrmRules } from '../../src/crm/rules.js';
import type { Incident } from '../../src/domain/incident.js';
import { ImpactRules } from '../../src/impact/rules.js';
import { EffectRules } from '../../src/notify/effect/rules.js';
import { MessageFile } from '../../src/notify/message-file.js';
import { NotificationPolicy } from '../../src/notify/policy.js';
import { Texts } from '../../src/notify/texts.js';

/** Wednesday 14 January 2026, 14:00 in Paris: no quiet hours. */
export const T0 = Date.UTC(2026, 0, 14, 13, 0);
export const MINUTE = 60_000;
export const SECRET = 'a secret for tests only';

const rulesFolder = resolve(import.meta.dirname, '../../rules');

/** The rules as shipped: only declared places are known. */
export const shippedImpactRules = loadYaml(resolve(rulesFolder, 'impact.yaml'), ImpactRules);
/** The shipped rules, everything that may be known of whereabouts allowed. */
export const impactRules: ImpactRules = {
  ...shippedImpactRules,
  whereabouts: { ...shippedImpactRules.whereabouts, mode: 'learnt', legalBasis: 'a test' },
};
export const effectRules = loadYaml(resolve(rulesFolder, 'effect.yaml'), EffectRules);
export const crmRules = loadYaml(resolve(rulesFolder, 'crm.yaml'), CrmRules);
export const messageFiles = ['fr', 'en'].map((language) =>
  loadYaml(resolve(rulesFolder, `messages/${language}.yaml`), MessageFile),
);
export const shippedPolicy = loadYaml(
  resolve(rulesFolder, 'notification.yaml'),
  NotificationPolicy,
);
/** The shipped policy, telling even a single person. */
export const policy: NotificationPolicy = {
  ...shippedPolicy,
  incidents: { ...shippedPolicy.incidents, minPeople: 1 },
};
export const texts = new Texts(messageFiles, policy);

export interface TestSubscriber {
  readonly id: number;
  readonly number?: string;
  readonly kind?: string;
  readonly segment?: string;
  readonly brand?: string;
  readonly language?: string;
  readonly zone?: string | null;
  readonly vulnerable?: boolean;
  readonly homeSite?: string;
  readonly usual?: Readonly<Record<string, number>>;
  readonly seen?: { readonly cell: string; readonly atMs: number };
}

/** Phone number of the n-th test subscriber. */
export function numberOf(id: number): string {
  return `+336${String(id).padStart(8, '0')}`;
}

/** Sites S1… with cells `S1-1` to `S1-3` each, in Rennes, except the last one, in Vitré. */
export async function insertNetwork(pool: pg.Pool, sites: number): Promise<void> {
  const ids = Array.from({ length: sites }, (_, n) => `S${n + 1}`);
  await pool.query(
    `insert into sites (site_id, name, lat, lon, zone)
     select s, case when n = $2 and n > 1 then 'Vitré' else 'Rennes ' || n end, 48, -1.6, 'Europe/Paris'
     from unnest($1::text[]) with ordinality u(s, n)`,
    [ids, sites],
  );
  await pool.query(
    `insert into cells (cell_id, site_id)
     select s || '-' || c, s from unnest($1::text[]) s, generate_series(1, 3) c`,
    [ids],
  );
}

/** Subscribers with their number, account `A<id>` and IMSI `20801` + id. */
export async function insertSubscribers(
  pool: pg.Pool,
  subscribers: readonly TestSubscriber[],
): Promise<void> {
  for (const each of subscribers) {
    await pool.query(
      `insert into subscribers (subscriber_id, kind, segment, language, zone, vulnerable, home_site, brand)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        each.id,
        each.kind ?? 'person',
        each.segment ?? 'consumer',
        each.language ?? 'fr',
        each.zone ?? null,
        each.vulnerable ?? false,
        each.homeSite ?? null,
        each.brand ?? '',
      ],
    );
    const number = each.number ?? numberOf(each.id);
    const numberKind = each.kind === 'fleet' ? 'contact' : 'msisdn';
    await pool.query(
      `insert into subscriber_identifiers (kind, value, subscriber_id, phone_key)
       values ($4, $2, $1, $3), ('account', 'A' || $1::bigint, $1, null),
         ('imsi', '20801' || lpad($1::bigint::text, 10, '0'), $1, null)`,
      [each.id, number, phoneKey(SECRET, number), numberKind],
    );
    for (const [cell, weight] of Object.entries(each.usual ?? {})) {
      await pool.query(
        `insert into usual_cells (subscriber_id, cell_no, weight) values ($1, cell_number($2), $3)`,
        [each.id, cell, weight],
      );
    }
    if (each.seen) {
      await pool.query(`insert into last_seen values ($1, cell_number($2), $3)`, [
        each.id,
        each.seen.cell,
        new Date(each.seen.atMs),
      ]);
    }
  }
}

/** An open incident over some cells, since five minutes before T0. */
export function incident(cells: readonly string[], change: Partial<Incident> = {}): Incident {
  const since = new Date(T0 - 5 * MINUTE).toISOString();
  return {
    schemaVersion: 1,
    id: 'inc_1',
    lineageId: 'lin_1',
    revision: 1,
    state: 'open',
    startedAt: since,
    detectedAt: new Date(T0).toISOString(),
    endedAt: null,
    estimatedRepairAt: null,
    cells: cells.map((cellId) => ({ cellId, degree: 1, since })),
    sites: [...new Set(cells.map((cell) => cell.split('-')[0] ?? ''))],
    cause: { kind: 'site', id: 'S1', probability: 0.9, candidates: [] },
    severity: 'critical',
    explanation: 'a site has failed',
    alarmIds: [],
    anomalyIds: [],
    plannedWorkId: null,
    acknowledgedBy: null,
    certainty: 0.998,
    ...change,
  };
}

/** The incident resolved half an hour after T0. */
export function resolved(open: Incident): Incident {
  const endedAt = new Date(T0 + 30 * MINUTE).toISOString();
  return { ...open, state: 'resolved', endedAt, cells: [], revision: open.revision + 1 };
}

/** Stores an incident as the deciding transaction does. */
export async function saveIncident(client: pg.ClientBase | pg.Pool, doc: Incident): Promise<void> {
  await client.query(
    `insert into incidents (incident_id, lineage_id, state, revision, started_at, detected_at,
       ended_at, doc, leader_epoch)
     values ($1, $2, $3, $4, $5, $6, $7, $8, 0)
     on conflict (incident_id) do update set lineage_id = excluded.lineage_id,
       state = excluded.state, revision = excluded.revision, ended_at = excluded.ended_at,
       doc = excluded.doc`,
    [
      doc.id,
      doc.lineageId,
      doc.state,
      doc.revision,
      doc.startedAt,
      doc.detectedAt,
      doc.endedAt,
      JSON.stringify(doc),
    ],
  );
}
