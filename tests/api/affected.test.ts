import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  AffectedHistory,
  AffectedPage,
  PartnerNotice,
} from '../../src/api/affected-schemas.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';
import { networkAnswer } from './network-answer.js';
import { type TestServer, testServer } from './test-server.js';
import { impact, incident, NOW_MS, saveIncident, seedWorld } from './world.js';

const at = (minutesAgo: number): Date => new Date(NOW_MS - minutesAgo * 60_000);
/** All calls, half of the data, no texts: see `incident_subscribers.lost`. */
const NO_CALLS = 31 + 32 * 16;
const ALL = 31 + 32 * 31 + 1024 * 31;

let db: TestDatabase;
let server: TestServer;

beforeAll(async () => {
  db = await testDatabase();
  await seedWorld(db.pool);
  await saveIncident(db.pool, incident('past', { state: 'closed' }), impact(10, 1));
  await saveIncident(db.pool, incident('now'), impact(10, 1));
  await db.pool.query(
    `insert into subscribers (subscriber_id, brand, kind)
     select 900 + n, 'Korrigan', case when n > 6 then 'machine' else 'person' end
     from generate_series(1, 8) n`,
  );
  const spell = `insert into incident_subscribers (incident_no, subscriber_id, affected_from,
      affected_to, mapped_at, probability, degree, class, reachable, service, lost)
    select i.incident_no, s.subscriber_id, $2, $3, $2, 0.9, 1, s.class, true, $4, $5
    from incidents i, subscribers s where i.incident_id = $1 and s.brand = 'Korrigan'`;
  await db.pool.query(spell, ['past', at(600), at(500), 'degraded', NO_CALLS]);
  await db.pool.query(spell, ['now', at(35), null, 'none', ALL]);
  await db.pool.query(
    `insert into impact_state (incident_no, incident_id, cells_key, mapped_at, changed_at, counted_at)
     select incident_no, incident_id, '', $1, $1, $1 from incidents where incident_id = 'now'
     on conflict do nothing`,
    [at(1)],
  );
  await db.pool.query(
    `insert into impact_counts (incident_no, class, people, without_voice, ever, expected,
       ever_expected, loss, minutes, voice, data, sms)
     select i.incident_no, s.class, count(*), 0, count(*), count(*) * 0.9, count(*) * 0.9, 1, 1,
       count(*) * 0.9, count(*) * 0.45, 0
     from incidents i, subscribers s where i.incident_id = 'now' and s.brand = 'Korrigan'
     group by 1, 2`,
  );
  server = await testServer(db.pool, {
    subscribers: {
      network: async (number) => {
        if (number === '+33612345670') return { status: 'erased' };
        const ids: Record<string, number> = { '+33612345678': 901, '+33612345679': 950 };
        const subscriberId = ids[number];
        if (subscriberId === undefined) return { status: 'unknown' };
        return { status: 'found', network: networkAnswer({ subscriberId }), cells: [] };
      },
    },
  });
});
afterAll(async () => {
  await server?.app.close();
  await db.close();
});

async function get(url: string, role: 'viewer' | 'agent' | 'operator') {
  const cookie = await server.signIn(role);
  return server.app.inject({ url, headers: { cookie } });
}

describe('who was affected', () => {
  it('is listed by incident, page by page, with what was lost and how they can be told', async () => {
    const url = '/api/v1/incidents/now/subscribers?limit=5';
    const first = await get(url, 'operator');
    const page = first.json<AffectedPage>();
    expect(page.people).toHaveLength(5);
    expect(page.people[0]).toMatchObject({
      ...{ subscriberId: 901, brand: 'Korrigan', affectedTo: null, service: 'none' },
      lost: { voice: 1, data: 1, sms: 1 },
      reach: 'whenBack',
    });
    const rest = await get(`${url}&after=${page.next}`, 'operator');
    expect(rest.json<AffectedPage>()).toMatchObject({ next: null });
    expect(rest.json<AffectedPage>().people.map((each) => each.subscriberId)).toEqual([
      906, 907, 908,
    ]);
    const past = (await get('/api/v1/incidents/past/subscribers', 'operator')).json<AffectedPage>();
    expect(past.people[0]).toMatchObject({
      ...{ affectedFrom: at(600).toISOString(), affectedTo: at(500).toISOString(), reach: 'sms' },
      lost: { voice: 1, data: expect.closeTo(0.516, 2), sms: 0 },
    });
    const { rows } = await db.pool.query("select from audit_log where action = 'listAffected'");
    expect(rows).toHaveLength(3);
  });

  it('is for operators, by person for agents, and says what there is not', async () => {
    expect((await get('/api/v1/incidents/now/subscribers', 'agent')).statusCode).toBe(403);
    expect((await get('/api/v1/incidents/none/subscribers', 'operator')).statusCode).toBe(404);
    expect((await get('/api/v1/subscribers/+33612345678/incidents', 'viewer')).statusCode).toBe(
      403,
    );
    expect((await get('/api/v1/partners/Korrigan/incidents', 'agent')).statusCode).toBe(403);
  });

  it('is told of a person by number, newest first, with what they lost and for how long', async () => {
    const url = '/api/v1/subscribers/+33612345678/incidents';
    const answer = await get(url, 'agent');
    expect(answer.headers['cache-control']).toBe('no-store');
    const { subscriberId, incidents } = answer.json<AffectedHistory>();
    expect(subscriberId).toBe(901);
    expect(incidents).toEqual([
      {
        ...{ incidentId: 'now', state: 'open', probability: expect.closeTo(0.9, 5) },
        ...{
          affectedFrom: at(35).toISOString(),
          affectedTo: null,
          service: 'none',
          userMinutes: 0,
        },
        lost: { voice: 1, data: 1, sms: 1 },
      },
      {
        ...{ incidentId: 'past', state: 'closed', probability: expect.closeTo(0.9, 5) },
        ...{ affectedFrom: at(600).toISOString(), affectedTo: at(500).toISOString() },
        ...{ service: 'degraded', userMinutes: 0 },
        lost: { voice: 1, data: expect.closeTo(0.516, 2), sms: 0 },
      },
    ]);
    const newest = (await get(`${url}?limit=1`, 'agent')).json<AffectedHistory>();
    expect(newest.incidents.map(({ incidentId }) => incidentId)).toEqual(['now']);
    const national = await get('/api/v1/subscribers/06%2012%2034%2056%2078/incidents', 'agent');
    expect(national.json<AffectedHistory>().incidents).toHaveLength(2);
    const { rows } = await db.pool.query(
      `select distinct target, detail ->> 'number' as number from audit_log where why = 'history of incidents'`,
    );
    expect(rows).toEqual([
      { target: 'subscriber 901', number: expect.stringMatching(/^\+336•+78$/) },
    ]);
  });

  it('is nothing of somebody who was in none, is not known or was forgotten', async () => {
    const history = (number: string) => get(`/api/v1/subscribers/${number}/incidents`, 'agent');
    expect((await history('+33612345679')).json()).toEqual({ subscriberId: 950, incidents: [] });
    for (const number of ['+33612345677', '+33612345670']) {
      expect((await history(number)).statusCode).toBe(404);
    }
    expect((await history('12')).statusCode).toBe(400);
    const none = await get('/api/v1/subscribers/+33612345679/incidents?limit=0', 'agent');
    expect(none.statusCode).toBe(400);
  });

  it('is told a partner in counts alone, none of them small', async () => {
    const notice = (
      await get('/api/v1/partners/Korrigan/incidents', 'operator')
    ).json<PartnerNotice>();
    expect(notice.incidents).toHaveLength(1);
    expect(notice.incidents[0]).toMatchObject({
      ...{ incidentId: 'now', subscribers: 6, machines: null },
      lost: { voice: expect.closeTo(1, 6), data: expect.closeTo(0.5, 6), sms: 0 },
    });
    const other = (
      await get('/api/v1/partners/Nobody/incidents', 'operator')
    ).json<PartnerNotice>();
    expect(other.incidents).toEqual([]);
  });
});
