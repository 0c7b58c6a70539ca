import type { NotificationPolicy } from './policy.js';

/** Where a wave that waits for a person stands. */
export interface WaitingWave {
  /** how many of the list were asked */
  readonly asked: number;
  /** how many stand on it; without any the dashboard alone asks */
  readonly contacts: number;
}

/** What is due for a wave whose last one asked has not answered in time, or that nobody was asked about. */
export type ApprovalStep =
  | { readonly action: 'ask'; readonly contact: number; readonly waitMs: number }
  /** nobody is on the list: the dashboard has its time */
  | { readonly action: 'wait'; readonly waitMs: number }
  | { readonly action: 'hold' }
  | { readonly action: 'sendShort' };

/** One after the other is asked; when the last has not answered either, the policy's default applies. */
export function approvalStep(
  { asked, contacts }: WaitingWave,
  { approval }: NotificationPolicy,
): ApprovalStep {
  const waitMs = approval.escalateAfterMinutes * 60_000;
  if (asked < contacts) return { action: 'ask', contact: asked, waitMs };
  if (contacts === 0 && asked === 0) return { action: 'wait', waitMs };
  return { action: approval.otherwise };
}

/** What somebody on call is told of a wave. */
export interface ApprovalRequest {
  /** the same for each attempt to reach this one about this wave */
  readonly requestId: string;
  readonly waveId: string;
  readonly incidentId: string;
  readonly kind: string;
  readonly people: number;
  readonly place: string;
  /** why it does not go by itself */
  readonly reason: string;
  /** page on which it is approved, held or cancelled */
  readonly url: string;
  /** when the next one is asked or the default applies, ISO 8601 */
  readonly answerBy: string;
}

/** Somebody who can be asked at three in the morning. */
export interface OnCallContact {
  readonly name: string;
  /** @throws TocsinError `unavailable.desk` when they cannot be reached now */
  ask(request: ApprovalRequest): Promise<void>;
}
