import { createHmac } from 'node:crypto';
import { type ControlRules, controlShare } from '../../notify/effect/rules.js';
import { CHOOSE_CONTROL, ROOT_LINEAGE } from './effect-sql.js';
import type { AssignControl } from './wave-expansion.js';

/** What choosing stands on. */
export interface ControlOptions {
  readonly rules: ControlRules;
  /** keys the choice: without it nobody can tell who is held out */
  readonly secret: string;
  /** network time, epoch ms */
  readonly network: { now(): number };
}

/**
 * Holds a share of a wave's people out: whole accounts, by a keyed hash of the account, else of the
 * number, under the lineage's root, so that merge and split do not choose anew. Nobody vulnerable, no
 * fleet or emergency service, nobody in a small incident or after the last day.
 */
export function assignControl({ rules, secret, network }: ControlOptions): AssignControl {
  return async (client, wave, { after, limit }) => {
    if (wave.kind !== 'onset') return;
    const { rows: found } = await client.query<{ people: number }>(
      'select people from waves where wave_id = $1',
      [wave.waveId],
    );
    const share = controlShare(rules, found[0]?.people ?? 0, network.now());
    if (share === 0) return;
    const { rows } = await client.query<{ root: string }>(ROOT_LINEAGE, [wave.lineageId]);
    const root = rows[0]?.root ?? wave.lineageId;
    const key = createHmac('sha256', secret).update(`control group\u001f${root}`).digest();
    await client.query(CHOOSE_CONTROL, [wave.incidentId, after, limit, root, key, share]);
  };
}
