import type pg from 'pg';
import type { WhereaboutsMode } from '../../impact/whereabouts-rules.js';
import { PRESENCE_STREAM } from '../../runtime/ports.js';
import { query } from './pool.js';

/** Which trigger is on in which modes: those that refuse rows, and those that note hours. */
const TRIGGERS: readonly {
  readonly table: string;
  readonly trigger: string;
  readonly modes: readonly WhereaboutsMode[];
}[] = [
  { table: 'usual_cells', trigger: 'not_allowed', modes: ['declared', 'lastSeen'] },
  { table: 'last_seen', trigger: 'not_allowed', modes: ['declared'] },
  { table: 'visitors_seen', trigger: 'not_allowed', modes: ['declared'] },
  { table: 'last_seen', trigger: 'learn_new', modes: ['learnt'] },
  { table: 'last_seen', trigger: 'learn_again', modes: ['learnt'] },
];

/**
 * Makes the database keep what a mode of whereabouts allows and nothing else: what a former mode has
 * left is deleted, and rows that are not allowed are refused from now on, whoever writes them.
 * Doing it again changes nothing.
 */
export async function enforceMode(pool: pg.Pool, mode: WhereaboutsMode): Promise<void> {
  for (const { table, trigger, modes } of TRIGGERS) {
    const isWanted = modes.includes(mode);
    const { rows } = await query<{ isOn: boolean }>(
      pool,
      `select tgenabled <> 'D' as "isOn" from pg_trigger
       where tgrelid = $1::regclass and tgname = $2`,
      [table, trigger],
    );
    if (rows[0]?.isOn === isWanted) continue;
    // names are of the list above
    await query(pool, `alter table ${table} ${isWanted ? 'enable' : 'disable'} trigger ${trigger}`);
  }
  if (mode !== 'learnt') {
    await forgetAll(pool, 'usual_cells');
    await forgetAll(pool, 'seen_hours');
    await query(pool, 'update subscribers set declares_cells = false where declares_cells');
  }
  if (mode === 'declared') {
    await forgetAll(pool, 'last_seen');
    await forgetAll(pool, 'visitors_seen');
    await query(pool, `delete from journal where stream = $1`, [PRESENCE_STREAM]);
  }
}

/** @param table of those that hold whereabouts */
async function forgetAll(pool: pg.Pool, table: string): Promise<void> {
  const { rowCount } = await query(pool, `select from ${table} limit 1`);
  if (rowCount !== 0) await query(pool, `truncate ${table}`);
}
