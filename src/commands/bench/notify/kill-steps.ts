import type { MessageFile } from '../../../notify/message-file.js';
import type { NotificationPolicy } from '../../../notify/policy.js';

/**
 * Steps of sending at which a process may die. Each names what has happened and been made durable
 * last: `claimed` in the database, `requested` at the gateway without an answer being heard,
 * `answered` in memory, `recorded` in the database again.
 */
export const KILL_STEPS = ['claimed', 'requested', 'answered', 'recorded'] as const;
export type KillStep = (typeof KILL_STEPS)[number];

/** What one worker of a process that will be killed is to do. */
export interface KillOrder {
  readonly databaseUrl: string;
  readonly gatewayUrl: string;
  readonly step: KillStep;
  /** at which message, counted from 1 */
  readonly at: number;
  /** network time, epoch ms */
  readonly nowMs: number;
}

/** What a process that will be killed is told: its workers, and the rules, read once by who starts it. */
export interface KillTask {
  readonly orders: readonly KillOrder[];
  readonly policy: NotificationPolicy;
  readonly messages: readonly MessageFile[];
}

/** Account at the simulated gateway. */
export const ACCOUNT = { accountSid: `AC${'0'.repeat(32)}`, authToken: 'a token' } as const;
/** Longest a request may take, ms; a busy machine must not be taken for a lost answer. */
export const REQUEST_MS = 3000;
