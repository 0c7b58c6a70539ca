import { useState } from 'preact/hooks';
import type { IncidentDetail } from '../../api/schemas.js';
import { type Me, mayOperate, send } from '../api.js';
import { networkNow } from '../clock.js';
import { ReasonDialog } from './reason-dialog.js';

type Act =
  | 'acknowledge'
  | 'approve'
  | 'hold'
  | 'cancel'
  | 'notAnIncident'
  | 'setRepair'
  | 'silence'
  | 'comment';

interface Choice {
  readonly act: Act;
  readonly name: string;
  readonly title: string;
  readonly text: string;
  readonly isDangerous?: boolean;
}

const CHOICES: readonly Choice[] = [
  {
    act: 'acknowledge',
    name: 'Acknowledge',
    title: 'Take this incident?',
    text: 'Others see that you are working on it. It changes nothing for subscribers.',
  },
  {
    act: 'approve',
    name: 'Approve messages',
    title: 'Approve the messages?',
    text: 'Messages that wait for a person leave now, to everyone who may be told.',
  },
  {
    act: 'hold',
    name: 'Hold messages',
    title: 'Hold the messages?',
    text: 'No further message about this incident leaves until someone approves them.',
  },
  {
    act: 'cancel',
    name: 'Cancel messages',
    title: 'Cancel the messages?',
    text: 'Messages about this incident that have not left never will. This cannot be undone.',
    isDangerous: true,
  },
  {
    act: 'setRepair',
    name: 'Set repair time',
    title: 'When will it be repaired?',
    text: 'Agents see this time, messages may state it, and the forecast reckons with it.',
  },
  {
    act: 'silence',
    name: 'Silence',
    title: 'Until when should it be silent?',
    text: 'Until then nobody is told of it, and what it holds opens no new incident.',
  },
  {
    act: 'comment',
    name: 'Comment',
    title: 'What should others know?',
    text: 'It stands in the history of the incident with your name.',
  },
  {
    act: 'notAnIncident',
    name: 'Not an incident',
    title: 'Is this no incident?',
    text: 'It is closed, its flags are cleared, and whoever was told is told that service is normal.',
    isDangerous: true,
  },
];

/** Acts that name a time, with what it is. */
const TIMED: Partial<Record<Act, string>> = {
  setRepair: 'Expected repair',
  silence: 'Silent until',
};

/** What an operator can do to an incident, each with a reason. */
export function Actions(props: { incident: IncidentDetail; me: Me; onDone: () => void }) {
  const [choice, setChoice] = useState<Choice>();
  const [done, setDone] = useState('');
  if (!mayOperate(props.me) || props.incident.state === 'closed') return null;
  const submit = async ({ act, name }: Choice, why: string, time?: string): Promise<void> => {
    const timed = act === 'silence' ? { until: time } : { repairAt: time };
    await send('POST', `/api/v1/incidents/${encodeURIComponent(props.incident.id)}/acts`, {
      action: act,
      why,
      ...(time === undefined ? {} : timed),
    });
    setDone(`“${name}” is noted and takes effect with the next tick.`);
    props.onDone();
  };
  const waiting = props.incident.waves.some(({ state }) => state === 'awaitingApproval');
  return (
    <div class="actions">
      {CHOICES.map((each) => (
        <button
          key={each.act}
          type="button"
          class={each.act === 'approve' && waiting ? 'primary' : ''}
          onClick={() => setChoice(each)}
        >
          {each.name}
        </button>
      ))}
      <p role="status">{done}</p>
      {choice && (
        <ReasonDialog
          title={choice.title}
          text={choice.text}
          confirm={choice.name}
          isDangerous={choice.isDangerous === true}
          {...(TIMED[choice.act] === undefined
            ? {}
            : { time: repairGuess(props.incident), timeName: TIMED[choice.act] })}
          onSubmit={(why, time) => submit(choice, why, time)}
          onClose={() => setChoice(undefined)}
        />
      )}
    </div>
  );
}

function repairGuess({ estimatedRepairAt }: IncidentDetail): number {
  return estimatedRepairAt === null ? networkNow() + 3_600_000 : Date.parse(estimatedRepairAt);
}
