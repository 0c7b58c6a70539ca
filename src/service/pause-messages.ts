import { randomUUID } from 'node:crypto';
import type { OperatorStore } from '../api/ports.js';

/** Who stands in the audit log where no person decided. */
const ACTOR = 'Tocsin';

/** Stops all messages as an operator would, with the reason; a person lets them go on. */
export async function pauseMessages(
  operators: OperatorStore,
  why: string,
  networkMs: number,
): Promise<void> {
  const act = {
    actId: `act_${randomUUID()}`,
    at: new Date(networkMs).toISOString(),
    actor: ACTOR,
    why: `complaints: ${why}`,
    action: 'killSwitchOn' as const,
  };
  const { actor, action, why: reason } = act;
  await operators.setKillSwitch(true, act, {
    actor,
    action,
    target: null,
    why: reason,
    detail: { at: act.at, actId: act.actId },
  });
}
