import type { IncidentDetail } from '../../../api/schemas.js';
import { plural } from '../../format.js';

/** How many messages of an incident are in one of these states. */
function messagesIn(
  { messages }: Pick<IncidentDetail, 'messages'>,
  states: readonly string[],
): number {
  return messages
    .filter(({ state }) => states.includes(state))
    .reduce((sum, each) => sum + each.count, 0);
}

/** Messages that have not left. */
export function waitingMessages(incident: Pick<IncidentDetail, 'messages'>): number {
  return messagesIn(incident, ['pending', 'claimed']);
}

const people = (count: number): string => plural(count, 'person', 'people');
const texts = (count: number): string => plural(count, 'message');

function ofWaiting(incident: IncidentDetail, then: string): string {
  const waiting = waitingMessages(incident);
  return waiting === 0 ? 'No message waits at the moment.' : `${texts(waiting)} ${then}.`;
}

/** What each act without further questions leads to, in this incident's own numbers. */
export const CONSEQUENCES = {
  acknowledge: () =>
    'Others see that you are working on it. It changes nothing for subscribers. Whoever takes it later stands in your place.',
  approve: (incident: IncidentDetail) => {
    const waves = incident.waves.filter(({ state }) =>
      ['awaitingApproval', 'held'].includes(state),
    );
    if (waves.length === 0) {
      return 'No wave waits for a person at the moment. What is decided later goes as the policy says, also where messages were held or cancelled before.';
    }
    const what = plural(waves.length, 'wave');
    return `${what} ${waves.length === 1 ? 'waits' : 'wait'} for a person: its messages leave now, to everyone who may be told. “Hold messages” stops what has not left.`;
  },
  hold: (incident: IncidentDetail) =>
    `${ofWaiting(incident, 'stay where they are')} No further message about this incident leaves until someone approves: “Approve messages” undoes this.`,
  cancel: (incident: IncidentDetail) =>
    `${ofWaiting(incident, 'are never sent')} Messages about this incident that are written later stay back too. What has left cannot be called back, and this cannot be undone.`,
  comment: () => 'It stands in the timeline of the incident with your name, for good.',
  notAnIncident: (incident: IncidentDetail) => {
    const { told, flags } = incident;
    const heard =
      told === 0
        ? 'Nobody was told of it'
        : `${people(told)} who were told hear that service is normal`;
    return `It is closed. ${ofWaiting(incident, 'are never sent')} ${heard}; ${plural(flags, 'CRM flag')} ${flags === 1 ? 'is' : 'are'} cleared. What spoke for it opens no incident again; it counts as false in the report of quality. This cannot be undone.`;
  },
} as const;

/** Acts that ask for nothing but a reason. */
export type PlainAct = keyof typeof CONSEQUENCES;
