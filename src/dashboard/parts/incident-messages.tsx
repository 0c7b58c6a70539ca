import type { IncidentDetail } from '../../api/schemas.js';
import { count, words } from '../format.js';
import { Chip, Empty, Panel, When } from './words.js';

type Count = IncidentDetail['messages'][number];

const KINDS: Record<string, string> = {
  onset: 'About the outage',
  restored: 'Service is back',
};
const STATES: readonly [Count['state'], string, string][] = [
  ['delivered', 'delivered', 'good'],
  ['accepted', 'handed over', 'calm'],
  ['claimed', 'leaving now', 'calm'],
  ['pending', 'waiting', 'quiet'],
  ['uncertain', 'fate unknown', 'note'],
  ['failed', 'failed', 'bad'],
  ['suppressed', 'not sent', 'quiet'],
];
/** What a wave's state means for its texts: written is not yet sent. */
const WAVES: Record<string, readonly [word: string, tone: string]> = {
  awaitingApproval: ['waits for approval', 'note'],
  expanding: ['being written', 'calm'],
  expanded: ['written', 'good'],
  held: ['held', 'warn'],
  cancelled: ['cancelled', 'bad'],
  shadow: ['shadow', 'quiet'],
};

function waveChip(state: string): { word: string; tone: string } {
  const [word, tone] = WAVES[state] ?? [words(state), 'quiet'];
  return { word, tone };
}

/** Every message by what became of it, with the reason where it was not sent. */
export function MessagesPanel({ incident }: { incident: IncidentDetail }) {
  const kinds = [...new Set(incident.messages.map(({ kind }) => kind))];
  return (
    <Panel title="Messages">
      {incident.waves.length > 0 && (
        <ul class="waves">
          {incident.waves.map((wave) => (
            <li key={wave.id}>
              <Chip {...waveChip(wave.state)} /> {KINDS[wave.kind] ?? words(wave.kind)}:{' '}
              {wave.reason}
              <span class="hint">
                {' '}
                decided <When at={wave.decidedAt} />
              </span>
            </li>
          ))}
        </ul>
      )}
      {kinds.map((kind) => (
        <KindTable
          key={kind}
          name={KINDS[kind] ?? words(kind)}
          counts={incident.messages.filter((each) => each.kind === kind)}
        />
      ))}
      {incident.messages.length === 0 && incident.waves.length === 0 && (
        <Empty title="Nobody has been told">
          <p>
            {incident.state === 'suspected'
              ? 'A suspected incident tells nobody until a person or more evidence confirms it.'
              : 'The policy has not called for messages so far.'}
          </p>
        </Empty>
      )}
    </Panel>
  );
}

function KindTable({ name, counts }: { name: string; counts: readonly Count[] }) {
  const total = counts.reduce((sum, each) => sum + each.count, 0);
  return (
    <div class="table">
      <table class="message-counts">
        <caption>
          {name} <strong>{count(total)}</strong>
        </caption>
        <tbody>
          {STATES.flatMap(([state, label, tone]) =>
            counts
              .filter((each) => each.state === state)
              .map((each) => (
                <tr key={`${state} ${each.reason}`}>
                  <th scope="row">
                    <Chip word={label} tone={tone} />
                  </th>
                  <td>{each.reason ? words(each.reason) : ''}</td>
                  <td class="number">{count(each.count)}</td>
                </tr>
              )),
          )}
        </tbody>
      </table>
    </div>
  );
}
