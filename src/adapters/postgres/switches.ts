import type pg from 'pg';
import type { Switchboard } from '../../notify/dispatch-facts.js';

/** The switches as the operator store writes them: `{on: true, …}`, or plain `true`. */
const SWITCHES = `
select key, value = 'true'::jsonb or coalesce(value->>'on', '') = 'true' as "isOn"
from settings where key in ('killSwitch', 'shadow')`;

/** The switches that every hand-over minds, as they are now; absent means off. */
export async function readSwitches(client: pg.ClientBase | pg.Pool): Promise<Switchboard> {
  const { rows } = await client.query<{ key: string; isOn: boolean }>(SWITCHES);
  const isOn = (key: string): boolean => rows.some((row) => row.key === key && row.isOn);
  return { isKilled: isOn('killSwitch'), isShadow: isOn('shadow') };
}
