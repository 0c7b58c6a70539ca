import type pg from 'pg';
import type { Incident } from '../../src/domain/incident.js';
import { type ImpactCounts, summarise } from '../../src/impact/rank.js';
import { NOW_MS } from '../api/world.js';
import { impactRules } from '../services/customers.js';

/** Twenty thousand people at a place for 35 minutes, some of whom can call nobody. */
export const COUNTS: ImpactCounts = {
  subscribers: 21_400,
  machines: 310,
  bySegment: { consumer: 18_000, business: 3400 },
  expectedBySegment: { consumer: 16_200, business: 3100 },
  everBySegment: { consumer: 16_300, business: 3100 },
  lossBySegment: { consumer: 15_000, business: 2900 },
  minutesBySegment: { consumer: 480_000, business: 92_000 },
  userMinutes: 572_000,
  vulnerable: 210,
  withoutVoice: 4200,
  emergencyServices: 1,
  services: { voice: 14_200, data: 17_800, sms: 13_900 },
};

/** Gives a seeded incident the impact that the shipped rules make of some counts. */
export async function weigh(pool: pg.Pool, id: string, counts: ImpactCounts): Promise<void> {
  const { rows } = await pool.query<{ doc: Incident }>(
    'select doc from incidents where incident_id = $1',
    [id],
  );
  const [found] = rows;
  if (found === undefined) throw new Error(`there is no incident ${id}`);
  const summary = summarise(counts, { incident: found.doc, nowMs: NOW_MS, rules: impactRules });
  await pool.query('update incidents set impact = $2, rank_score = $3 where incident_id = $1', [
    id,
    JSON.stringify(summary),
    summary.rankScore,
  ]);
}
