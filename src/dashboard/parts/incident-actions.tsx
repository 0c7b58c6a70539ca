import type { FunctionComponent } from 'preact';
import { useState } from 'preact/hooks';
import type { IncidentDetail } from '../../api/schemas.js';
import { type Me, mayOperate } from '../api.js';
import type { ActProps } from './acts/act.js';
import { CauseDialog } from './acts/cause-dialog.js';
import type { PlainAct } from './acts/consequences.js';
import { MergeDialog } from './acts/merge-dialog.js';
import { PlainDialog } from './acts/plain-dialog.js';
import { RepairDialog } from './acts/repair-dialog.js';
import { SilenceDialog } from './acts/silence-dialog.js';
import { SplitDialog } from './acts/split-dialog.js';

const plain =
  (action: PlainAct): FunctionComponent<ActProps> =>
  (props) => <PlainDialog action={action} {...props} />;

/** Names on the buttons with what each asks for, in groups. */
const GROUPS: readonly (readonly (readonly [string, FunctionComponent<ActProps>])[])[] = [
  [
    ['Acknowledge', plain('acknowledge')],
    ['Comment', plain('comment')],
    ['Set repair time', RepairDialog],
    ['Set cause', CauseDialog],
  ],
  [
    ['Approve messages', plain('approve')],
    ['Hold messages', plain('hold')],
    ['Cancel messages', plain('cancel')],
    ['Silence', SilenceDialog],
  ],
  [
    ['Merge', MergeDialog],
    ['Split', SplitDialog],
    ['Not an incident', plain('notAnIncident')],
  ],
];

/** What an operator can do to an incident, each with a reason. */
export function Actions(props: { incident: IncidentDetail; me: Me; onDone: () => void }) {
  const { incident, me } = props;
  const [open, setOpen] = useState<string>();
  const [news, setNews] = useState('');
  if (!mayOperate(me) || incident.state === 'closed') return null;
  const waits = incident.waves.some(({ state }) => state === 'awaitingApproval');
  const Dialog = GROUPS.flat().find(([name]) => name === open)?.[1];
  return (
    <div class="actions">
      {GROUPS.map((group) => (
        <div key={group[0]?.[0]} class="act-group">
          {group.map(([name]) => (
            <button
              key={name}
              type="button"
              class={name === 'Approve messages' && waits ? 'primary' : ''}
              onClick={() => setOpen(name)}
            >
              {name}
            </button>
          ))}
        </div>
      ))}
      <p role="status">{news}</p>
      {Dialog && (
        <Dialog
          incident={incident}
          onDone={(words) => {
            setNews(words);
            props.onDone();
          }}
          onClose={() => setOpen(undefined)}
        />
      )}
    </div>
  );
}
