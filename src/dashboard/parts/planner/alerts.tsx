import { useState } from 'preact/hooks';
import type { SurgeAlertItem } from '../../../api/surge-schemas.js';
import { send, session } from '../../api.js';
import { count, decimal, words } from '../../format.js';
import { useResource } from '../../resource.js';
import { useStore } from '../../store.js';
import { Chip, Failure, Panel, When } from '../words.js';

const SHOWN = 5;

/** Surges that the desk was told of: to whom, whether it arrived, who has seen it. */
export function AlertsPanel() {
  const alerts = useResource<SurgeAlertItem[]>(`/api/v1/surge-alerts?limit=${SHOWN}`, ['forecast']);
  if (alerts.error) return <Failure error={alerts.error} retry={alerts.reload} />;
  if (alerts.data === undefined || alerts.data.length === 0) return null;
  return (
    <Panel title="Surge alerts" note="what the desk and outsourcers were told">
      <ul class="plain-list alerts">
        {alerts.data.map((alert) => (
          <Alert key={alert.alertId} alert={alert} onDone={alerts.reload} />
        ))}
      </ul>
    </Panel>
  );
}

function Alert({ alert, onDone }: { alert: SurgeAlertItem; onDone: () => void }) {
  const isOpen = alert.clearedAt === null;
  return (
    <li>
      <p>
        <Chip word={isOpen ? 'surge' : 'over'} tone={isOpen ? 'bad' : 'good'} />{' '}
        <strong>{alert.queues.join(', ')}</strong> since <When at={alert.raisedAt} />
        {alert.clearedAt !== null && (
          <>
            {' '}
            until <When at={alert.clearedAt} only="clock" />
          </>
        )}
      </p>
      {isOpen && alert.surges.map((surge) => <p key={surge.queue}>{surgeWords(surge)}</p>)}
      <Told alert={alert} />
      {isOpen && <Seen alert={alert} onDone={onDone} />}
    </li>
  );
}

function surgeWords(surge: SurgeAlertItem['surges'][number]): string {
  const { queue, extraCalls, peakCalls, peakOrdinary, gapAgents } = surge;
  const gap =
    gapAgents === null
      ? 'no roster is known'
      : gapAgents > 0
        ? `${decimal(gapAgents)} people short`
        : 'the roster covers it';
  return `${queue}: ${count(extraCalls)} more calls, ${count(peakCalls)} at the peak where ${count(peakOrdinary)} are usual; ${gap}`;
}

function Told({ alert }: { alert: SurgeAlertItem }) {
  if (alert.deliveries.length === 0) {
    return <p class="hint">Nobody is configured to be told.</p>;
  }
  return (
    <ul class="plain-list hint">
      {alert.deliveries.map(({ recipient, kind, state, reason, sentAt }) => (
        <li key={`${recipient} ${kind}`}>
          {recipient}, {words(kind)}:{' '}
          {state === 'superseded' ? 'not needed any more' : words(state)}
          {sentAt !== null && (
            <>
              {' '}
              at <When at={sentAt} only="clock" />
            </>
          )}
          {reason !== null && state !== 'sent' && `, ${reason}`}
        </li>
      ))}
    </ul>
  );
}

function Seen({ alert, onDone }: { alert: SurgeAlertItem; onDone: () => void }) {
  const [problem, setProblem] = useState('');
  const me = useStore(session);
  const isSeen = alert.acknowledgements.some(
    ({ who }) => typeof me === 'object' && who === me.name,
  );
  const acknowledge = async (): Promise<void> => {
    const id = encodeURIComponent(alert.alertId);
    try {
      await send('POST', `/api/v1/surge-alerts/${id}/acknowledgements`, {});
      onDone();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <>
      {alert.acknowledgements.map(({ who, at, note }) => (
        <p key={who}>
          Seen by {who} at <When at={at} only="clock" />
          {note !== '' && <>: “{note}”</>}
        </p>
      ))}
      {!isSeen && (
        <button type="button" onClick={acknowledge}>
          I have seen it
        </button>
      )}
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}
