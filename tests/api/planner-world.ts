import type pg from 'pg';
import { basisOf, loadOf } from '../forecast/basis.js';
import { NOW_MS } from './world.js';

const at = (minutes: number): Date => new Date(NOW_MS + minutes * 60_000);

/** A surge that the desk was told of, and four weeks of judged forecasts of the queue `mobile`. */
export async function seedPlanner(pool: pg.Pool): Promise<void> {
  const surge = {
    queue: 'mobile',
    from: at(0).toISOString(),
    until: at(120).toISOString(),
    peakAt: at(10).toISOString(),
    peakCalls: 138,
    peakOrdinary: 43,
    extraCalls: 412,
    agents: 37,
    gapAgents: 29,
    gapHours: 41.5,
  };
  await pool.query(
    `insert into surge_alerts (alert_id, raised_at, revision, queues, surges, incidents)
     values ('surge_1', $1, 1, '{mobile}', $2, '{inc_fibre}')`,
    [at(-30), JSON.stringify([surge])],
  );
  await pool.query(
    `insert into desk_deliveries (delivery_id, alert_id, kind, revision, recipient, news, state, reason, sent_at)
     values ('n1', 'surge_1', 'surge', 1, 'intraday', '{}', 'sent', null, $1),
            ('n2', 'surge_1', 'surge', 1, 'outsourcer', '{}', 'failed', 'webhook: answered 400', null)`,
    [at(-29)],
  );
  await pool.query(
    `insert into forecast_judged (queue, starts_at, interval_seconds, actual, last_week, in_incident, with_area)
     select 'mobile', $1::timestamptz - make_interval(mins => n * 15), 900, 40, 34, n % 40 = 0, n % 80 = 0
     from generate_series(1, 2600) as n`,
    [at(0)],
  );
  await pool.query(
    `insert into forecast_scores (queue, starts_at, lead_seconds, median, pinball, within_80, within_95)
     select queue, starts_at, lead, case when in_incident then 30 else 38 end, 1.1,
       extract(epoch from starts_at)::bigint / 900 % 5 > 0, extract(epoch from starts_at)::bigint / 900 % 20 > 0
     from forecast_judged, unnest(array[900, 3600, 86400]) as lead`,
  );
  await pool.query(
    `insert into call_patterns (queue, version, origin_day, learnt_at, from_day, to_day, why, settings,
       weights, record, fit, leader_epoch)
     select 'mobile', version, 20515 + version, $1::timestamptz - make_interval(days => 5 - version),
       20400, 20514 + version, case when version = 1 then 'first' else 'nightly' end, '{}',
       '{"dayShapes": 0.7, "levelProfile": 0.3}',
       jsonb_build_object('recentWape', 0.04 * version, 'usualWape', 0.06, 'recentBias', 0.01,
         'hasDrifted', version > 2), case when version > 1 then '\\x00'::bytea end, 1
     from generate_series(1, 3) as version`,
    [at(0)],
  );
  const basis = basisOf([loadOf(20_000)]);
  const [queue] = basis.queues;
  const own = { ...basis, queues: queue ? [{ ...queue, queue: 'mobile' }] : [] };
  await pool.query(
    'insert into forecast_basis (singleton, issued_at, basis) values (true, $1, $2)',
    [at(0), JSON.stringify(own)],
  );
}
