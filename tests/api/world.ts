import type pg from 'pg';
import type { Incident } from '../../src/domain/incident.js';

/** Network time of all API tests: 2026-03-10, a Tuesday. */
export const NOW_MS = Date.parse('2026-03-10T14:20:00Z');
const at = (minutesAgo: number): string => new Date(NOW_MS - minutesAgo * 60_000).toISOString();

const TOWNS: readonly [string, string, number, number][] = [
  ['S1', 'Quimper Centre', 47.996, -4.1],
  ['S2', 'Quimper Gare', 47.994, -4.09],
  ['S3', 'Pont-l’Abbé', 47.867, -4.222],
  ['S4', 'Concarneau', 47.875, -3.918],
  ['S5', 'Brest Recouvrance', 48.383, -4.497],
  ['S6', 'Rennes République', 48.11, -1.679],
  ['S7', 'Vannes Port', 47.655, -2.758],
  ['S8', 'Lorient Centre', 47.748, -3.366],
];

/** An incident as the decisions would save it; override what a test is about. */
export function incident(id: string, change: Partial<Incident> = {}): Incident {
  const cells = ['S1', 'S2', 'S3'].flatMap((site) =>
    [1, 2, 3].map((sector) => ({ cellId: `${site}-${sector}`, degree: 1, since: at(35) })),
  );
  return {
    schemaVersion: 1,
    id,
    lineageId: id,
    revision: 3,
    state: 'open',
    startedAt: at(35),
    detectedAt: at(33),
    endedAt: null,
    estimatedRepairAt: at(-85),
    repair: {
      source: 'ticket',
      at: at(-85),
      low: null,
      high: null,
      asOf: at(12),
      saidBy: 'field team west',
      ticketId: 'T-4711',
      basedOn: 0,
    },
    cells,
    sites: ['S1', 'S2', 'S3'],
    cause: {
      kind: 'transport',
      id: 'LINK-QUIMPER-1',
      probability: 0.86,
      candidates: [
        {
          kind: 'transport',
          id: 'LINK-QUIMPER-1',
          probability: 0.86,
          evidence: ['9 of 9 cells behind it are silent', 'alarm loss of signal 14 s before'],
        },
        {
          kind: 'power',
          id: 'ZONE-QUIMPER',
          probability: 0.11,
          evidence: ['9 of 14 cells in the zone are silent'],
        },
      ],
    },
    severity: 'critical',
    explanation: 'Nine cells at three sites behind transport link LINK-QUIMPER-1 went silent.',
    alarmIds: ['A-77'],
    anomalyIds: [],
    plannedWorkId: null,
    acknowledgedBy: null,
    ...change,
  };
}

/** What the impact stage would say of it. */
export function impact(subscribers: number, rankScore: number) {
  return {
    subscribers,
    expected: subscribers * 0.92,
    machines: 140,
    bySegment: { consumer: Math.round(subscribers * 0.8), business: Math.round(subscribers * 0.2) },
    userMinutes: subscribers * 35,
    rankScore,
    rankParts: { people: rankScore * 0.9, business: rankScore * 0.1 },
  };
}

/** Stores an incident with its counts. */
export async function saveIncident(
  pool: pg.Pool,
  doc: Incident,
  counts: ReturnType<typeof impact>,
): Promise<void> {
  await pool.query(
    `insert into incidents (incident_id, lineage_id, state, revision, started_at, detected_at,
       ended_at, doc, impact, rank_score, leader_epoch)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)
     on conflict (incident_id) do update set state = excluded.state, revision = excluded.revision,
       ended_at = excluded.ended_at, doc = excluded.doc, impact = excluded.impact,
       rank_score = excluded.rank_score, updated_at = now()`,
    [
      doc.id,
      doc.lineageId,
      doc.state,
      doc.revision,
      doc.startedAt,
      doc.detectedAt,
      doc.endedAt,
      JSON.stringify(doc),
      JSON.stringify(counts),
      counts.rankScore,
    ],
  );
}

async function seedNetwork(pool: pg.Pool): Promise<void> {
  for (const [id, name, lat, lon] of TOWNS) {
    await pool.query(
      'insert into sites (site_id, name, lat, lon, zone) values ($1, $2, $3, $4, $5)',
      [id, name, lat, lon, 'Europe/Paris'],
    );
    for (const sector of [1, 2, 3]) {
      await pool.query(
        'insert into cells (cell_id, site_id, azimuth, technology) values ($1, $2, $3, $4)',
        [`${id}-${sector}`, id, sector * 120 - 120, 'LTE'],
      );
    }
  }
}

async function seedIncidents(pool: pg.Pool): Promise<void> {
  await saveIncident(pool, incident('inc_fibre'), impact(8421, 900));
  const one = [{ cellId: 'S5-1', degree: 0.4, since: at(70) }];
  const small = {
    cells: one,
    sites: ['S5'],
    state: 'suspected' as const,
    severity: 'minor' as const,
    detectedAt: null,
    explanation: 'Throughput of one cell is far below what it is on Tuesdays.',
  };
  await saveIncident(pool, incident('inc_slow', small), impact(212, 12));
  const over = { state: 'closed' as const, endedAt: at(300), cells: [], sites: ['S6'] };
  await saveIncident(pool, incident('inc_old', over), impact(1900, 300));
  const events: [number, string, string][] = [
    [33, 'opened', 'Site-down alarms at three sites that share a transport link.'],
    [20, 'grew', 'Three more cells at Pont-l’Abbé fell silent.'],
    [18, 'cause', 'LINK-QUIMPER-1 is the likeliest cause (86 %).'],
  ];
  for (const [index, [minutes, kind, reason]] of events.entries()) {
    await pool.query('insert into incident_events values ($1, $2, $3, $4, $5)', [
      'inc_fibre',
      index,
      at(minutes),
      kind,
      reason,
    ]);
  }
  for (let minutes = 33; minutes >= 0; minutes -= 3) {
    const summary = impact(Math.round(8421 * (1 - minutes / 45)), 900);
    await pool.query('insert into impact_history values ($1, $2, $3)', [
      'inc_fibre',
      at(minutes),
      JSON.stringify(summary),
    ]);
  }
}

async function seedMessages(pool: pg.Pool): Promise<void> {
  await pool.query(
    `insert into waves (wave_id, incident_id, lineage_id, kind, revision, state, reason,
       decided_at, valid_until)
     values ('w1', 'inc_fibre', 'inc_fibre', 'onset', 1, 'expanded', 'below the approval limit',
       $1, $2)`,
    [at(30), at(-90)],
  );
  const states: [string, string | null, number][] = [
    ['delivered', null, 7],
    ['accepted', null, 5],
    ['pending', null, 4],
    ['suppressed', 'optedOut', 3],
    ['suppressed', 'quietHours', 2],
    ['uncertain', 'gateway did not answer', 1],
  ];
  let person = 0;
  for (const [state, reason, count] of states) {
    for (let i = 0; i < count; i++) {
      person++;
      await pool.query(
        `insert into outbox (message_id, wave_id, incident_id, lineage_id, kind, revision,
           subscriber_id, phone_key, language, state, reason)
         values ($1, 'w1', 'inc_fibre', 'inc_fibre', 'onset', 1, $2, $3, 'fr', $4, $5)`,
        [`m${person}`, person, Buffer.from(`key${person}`), state, reason],
      );
    }
  }
}

/** Call curve with a morning and an afternoon peak, calls per 15 minutes. */
function ordinary(ms: number): number {
  const hour = (ms / 3_600_000) % 24;
  return Math.max(
    2,
    60 * Math.exp(-((hour - 10) ** 2) / 6) + 48 * Math.exp(-((hour - 16) ** 2) / 8),
  );
}

/** What a roster of so many means for so many calls, roughly. */
function outlook(calls: number, agents: number) {
  const gapAgents = Math.ceil((calls / 4 + 2) / 0.7) - agents;
  const abandonment = Math.min(0.6, Math.max(0.01, gapAgents / 60));
  return {
    agents,
    atWork: Math.floor(agents * 0.7),
    gapAgents,
    gapHours: gapAgents / 4,
    serviceLevel: 1 - abandonment,
    asaSeconds: abandonment * 200,
    occupancy: 0.85,
    abandonment,
    abandonedCalls: calls * abandonment,
  };
}

async function seedCalls(pool: pg.Pool): Promise<void> {
  const step = 900_000;
  const intervals = [];
  for (let start = NOW_MS - (NOW_MS % step); start < NOW_MS + 86_400_000; start += step) {
    const base = ordinary(start);
    const surge = 95 * Math.exp(-(start - NOW_MS) / 5_400_000);
    const middle = base + surge;
    const levels: [string, number][] = [
      ['0.05', 0.6],
      ['0.25', 0.85],
      ['0.5', 1],
      ['0.75', 1.16],
      ['0.95', 1.5],
    ];
    intervals.push({
      queue: 'mobile',
      start: new Date(start).toISOString(),
      intervalSeconds: 900,
      ordinary: base,
      surge,
      incidents: [],
      redials: 0,
      quantiles: Object.fromEntries(levels.map(([level, by]) => [level, middle * by])),
      agents: Math.ceil(middle / 4) + 2,
      agentsErlangC: Math.ceil(middle / 4) + 4,
      rostered: Math.ceil((middle / 4 + 2) / 0.7),
      roster: outlook(middle, Math.ceil(base / 4) + 4),
    });
    await pool.query('insert into roster values ($1, $2, 900, $3)', [
      'mobile',
      new Date(start),
      Math.ceil(base / 4) + 4,
    ]);
  }
  await pool.query('insert into forecasts values ($1, $2, $3)', [
    'mobile',
    at(1),
    JSON.stringify(intervals),
  ]);
  for (let start = NOW_MS - 8 * 3_600_000; start < NOW_MS - step; start += step) {
    const hit = start > NOW_MS - 35 * 60_000 ? 70 : 0;
    await pool.query(
      `insert into calls (queue, starts_at, interval_seconds, offered, answered)
       values ('mobile', $1, 900, $2, $3)`,
      [new Date(start), Math.round(ordinary(start) + hit), Math.round(ordinary(start))],
    );
  }
}

async function seedOperations(pool: pg.Pool): Promise<void> {
  await pool.query(
    `insert into telemetry_gaps values
       ('g1', 'vendor-a-pm', $1, null, 42, 'All cells of collector pm-west fell silent at once.'),
       ('g0', 'vendor-a-pm', $2, $3, 7, 'The feed came back with all periods.')`,
    [at(22), at(700), at(640)],
  );
  await pool.query(
    `insert into dead_letter_counts values
       ('vendor-a-pm', 'kafka', 'kpi.outOfRange', 118, $1),
       ('presence', 'http', 'json.malformed', 3, $2)`,
    [at(4), at(90)],
  );
  await pool.query(
    `insert into dead_letters (feed, source, reason, detail, payload, received_at) values
       ('vendor-a-pm', 'kafka', 'kpi.outOfRange',
        'availability is 200 at S1-2, allowed are 0 to 1', '{"availability":200}', $1)`,
    [at(4)],
  );
  await pool.query("insert into source_positions values ('influx/ran', '{}', now())");
}

/** Fills a migrated database with one large incident, two others, calls, messages and faults. */
export async function seedWorld(pool: pg.Pool): Promise<void> {
  await seedNetwork(pool);
  await seedIncidents(pool);
  await seedMessages(pool);
  await seedCalls(pool);
  await seedOperations(pool);
}
