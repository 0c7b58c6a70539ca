import type pg from 'pg';
import { median } from 'simple-statistics';
import { createPool, query } from '../../../adapters/postgres/pool.js';
import { PostgresWaveStore } from '../../../adapters/postgres/wave-store.js';
import { loadRules } from '../../../service/rules.js';
import type { PartResult } from '../accuracy/part.js';
import { decideWaveOf, insertAffected } from './message-world.js';
import { ownDatabase } from './own-database.js';
import type { NotifyPartOptions } from './part.js';

const PEOPLE = 1_000_000;
const RUNS = 3;

/** The rows that the wave has written, in one statement and one transaction, into the same table. */
const BARE = `
insert into outbox (message_id, wave_id, incident_id, lineage_id, kind, revision, subscriber_id,
  phone_key, language, state, reason, priority)
select message_id, wave_id, incident_id, lineage_id, kind, revision, subscriber_id, phone_key,
  language, state, reason, priority from copied order by subscriber_id`;
const AGAIN = `
truncate outbox; update waves set state = 'expanding', expansion_due = true, expanded_to = 0,
  expanding_at = null, covered_at = '-infinity', drained = false, counts = '{}'`;

/**
 * A wave decided and its messages queued, person by person, beside a bare INSERT … SELECT of the very
 * same rows, in alternating runs.
 */
export async function measureQueue(options: NotifyPartOptions): Promise<PartResult> {
  const people = Math.max(1000, Math.round(PEOPLE * options.scale));
  const url = await ownDatabase(options.templateUrl, 'tocsin_queue');
  const pool = createPool(url);
  try {
    const wave = { people, nowMs: Date.UTC(2026, 0, 14, 13, 0), rules: loadRules() };
    options.progress(`${people} people`);
    const incident = await insertAffected(pool, wave);
    await query(pool, 'analyze');
    const { policy, texts } = wave.rules;
    const waves = new PostgresWaveStore({
      policy,
      segmentsOf: (kind, language) => texts.segmentsOf(kind, language),
    });
    const ours = async (): Promise<void> => {
      await decideWaveOf(pool, incident, wave);
      while (await waves.expand(pool));
    };
    const [queued, bare] = await alternating(pool, ours, options.progress);
    const { rows } = await query<{ count: number }>(pool, 'select count(*) from outbox');
    const messages = Number(rows[0]?.count ?? 0);
    const figures = { people, messages, seconds: queued, perSecond: Math.round(messages / queued) };
    const baseline = { seconds: bare, perSecond: Math.round(messages / bare) };
    const ratio = queued / bare;
    return {
      figures,
      baseline,
      ratios: { seconds: ratio },
      lines: [
        `${messages} messages decided and queued in ${queued.toFixed(1)} s, a bare INSERT … SELECT of the same rows takes ${bare.toFixed(1)} s: ${ratio.toFixed(2)} times (aim under 3)`,
      ],
    };
  } finally {
    await pool.end();
  }
}

async function alternating(
  pool: pg.Pool,
  ours: () => Promise<void>,
  progress: (text: string) => void,
): Promise<[ours: number, bare: number]> {
  const queued: number[] = [];
  const bare: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    await query(pool, AGAIN);
    queued.push(await seconds(ours));
    if (run === 0) await query(pool, 'create table copied as table outbox');
    await query(pool, 'truncate outbox');
    bare.push(await seconds(() => query(pool, BARE)));
    progress(`run ${run + 1} of ${RUNS}`);
  }
  return [median(queued), median(bare)];
}

async function seconds(body: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await body();
  return (performance.now() - started) / 1000;
}
