import { ReasonDialog } from '../reason-dialog.js';
import { type ActProps, act, noted } from './act.js';
import { CONSEQUENCES, type PlainAct } from './consequences.js';

interface Wording {
  readonly name: string;
  readonly title: string;
  readonly isDangerous?: boolean;
}

const WORDINGS: Readonly<Record<PlainAct, Wording>> = {
  acknowledge: { name: 'Acknowledge', title: 'Take this incident?' },
  approve: { name: 'Approve messages', title: 'Approve the messages?' },
  hold: { name: 'Hold messages', title: 'Hold the messages?' },
  cancel: { name: 'Cancel messages', title: 'Cancel the messages?', isDangerous: true },
  comment: { name: 'Comment', title: 'What should others know?' },
  notAnIncident: { name: 'Not an incident', title: 'Is this no incident?', isDangerous: true },
};

/** Asks for the reason of an act that needs nothing else. */
export function PlainDialog({
  action,
  incident,
  onDone,
  onClose,
}: ActProps & { action: PlainAct }) {
  const { name, title, isDangerous } = WORDINGS[action];
  return (
    <ReasonDialog
      title={title}
      text={CONSEQUENCES[action](incident)}
      confirm={name}
      isDangerous={isDangerous === true}
      onSubmit={async (why) => {
        await act(incident.id, action, why);
        onDone(noted(name));
      }}
      onClose={onClose}
    />
  );
}
