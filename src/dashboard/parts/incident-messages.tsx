import type { IncidentDetail } from '../../api/schemas.js';
import { count, words } from '../format.js';
import { DryRunView } from './dry-run.js';
import { Chip, Empty, Panel, When } from './words.js';

type Count = IncidentDetail['messages'][number];

const KINDS: Record<string, string> = {
  onset: 'About the outage',
  update: 'New estimate',
  restored: 'Service is back',
  works: 'Planned works',
  overrun: 'Works take longer',
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

type Wave = IncidentDetail['waves'][number];

/** Why people of a wave get no message at all, in words. */
const LEFT_OUT: Record<string, string> = {
  improbable: 'probably not affected',
  noNumber: 'no number',
  unreachable: 'nothing reaches them while it was valid',
  noChannel: 'no channel that they want',
  fallback: 'the first channel failed: going on by the next',
  kindExcluded: 'machines, data-only lines, emergency services',
  ruleExcluded: 'left out by a rule',
  noLegalBasis: 'nothing allows it',
  noLocationBasis: 'nothing allows the use of location',
  notRolledOut: 'not rolled out to them',
};

/** What else there is to say of a wave: which text, who was asked, and who gets nothing and why. */
function waveDetails({ variant, asked, counts }: Wave): string {
  const left = Object.entries(LEFT_OUT).flatMap(([key, why]) =>
    counts[key] ? [`${count(counts[key])} ${why}`] : [],
  );
  return [
    variant === 'short' ? '; short text' : '',
    asked > 0 ? `; ${asked} on call asked` : '',
    left.length > 0 ? `; no message: ${left.join(', ')}` : '',
  ].join('');
}

/** Waves, and every message by what became of it, with the reason where it was not sent. */
export function WavesAndMessages({ waves, messages }: Pick<IncidentDetail, 'waves' | 'messages'>) {
  const kinds = [...new Set(messages.map(({ kind }) => kind))];
  return (
    <>
      {waves.length > 0 && (
        <ul class="waves">
          {waves.map((wave) => (
            <li key={wave.id}>
              <Chip {...waveChip(wave.state)} /> {KINDS[wave.kind] ?? words(wave.kind)}:{' '}
              {wave.reason}
              {waveDetails(wave)}
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
          counts={messages.filter((each) => each.kind === kind)}
        />
      ))}
    </>
  );
}

/** What was said about an incident, and what would be. */
export function MessagesPanel({ incident }: { incident: IncidentDetail }) {
  return (
    <Panel title="Messages">
      <WavesAndMessages waves={incident.waves} messages={incident.messages} />
      {incident.messages.length === 0 && incident.waves.length === 0 && (
        <Empty title="Nobody has been told">
          <p>
            {incident.state === 'suspected'
              ? 'A suspected incident tells nobody until a person or more evidence confirms it.'
              : 'The policy has not called for messages so far.'}
          </p>
        </Empty>
      )}
      {incident.state !== 'closed' && (
        <DryRunView path={`/api/v1/incidents/${encodeURIComponent(incident.id)}/dry-run`} />
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
