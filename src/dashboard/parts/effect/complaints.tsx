import type { EffectReport } from '../../../domain/effect.js';
import { count } from '../../format.js';
import { Panel } from '../words.js';

const HEADS = {
  tooFew: 'Too few messages to tell',
  fine: 'Within the limits',
  beyond: 'Beyond a limit',
} as const;

/** Whether people mind being written to. */
export function ComplaintsPanel({ complaints }: { complaints: EffectReport['complaints'] }) {
  const { status, reason, windowHours, messages, optOuts, replies } = complaints;
  return (
    <Panel title="Complaints" note={`last ${windowHours} h`}>
      <p class={status === 'beyond' ? 'warning' : ''}>
        <strong>{HEADS[status]}</strong>: {reason}
      </p>
      <dl class="facts">
        <dt>Messages</dt>
        <dd>{count(messages)}</dd>
        <dt>Opt-outs</dt>
        <dd>{count(optOuts)}</dd>
        <dt>Other replies</dt>
        <dd>{count(replies)}</dd>
      </dl>
    </Panel>
  );
}
