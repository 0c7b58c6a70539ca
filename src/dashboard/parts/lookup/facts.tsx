import { span, words } from '../../format.js';
import { Link } from '../../router.js';
import { Chip, Panel, When } from '../words.js';
import type { LookupAnswer } from './verdict.js';

const SAID_BY = {
  ticket: ', announced by ticket',
  operator: ', said by the network operations centre',
  model: ', from how long such incidents lasted',
  rule: ', a rule of thumb',
} as const;

interface Props {
  readonly answer: LookupAnswer;
}

const STATES = { kept: 'work', degraded: 'are worse', lost: 'do not work' } as const;
const REACH = {
  sms: 'by text, now',
  data: 'by e-mail or push, not by text',
  voice: 'by a call or the voice menu, not by text',
  whenBack: 'only once service is back, or on another line',
} as const;

/** `calls do not work, data and texts work`. */
function serviceWords({ voice, data, sms }: NonNullable<Props['answer']['services']>): string {
  return `calls ${STATES[voice]}, data ${STATES[data]}, texts ${STATES[sms]}`;
}

/** The incident that affects them; nothing when there is none. */
export function ProblemPanel({ answer }: Props) {
  if (answer.affected === 'no') return null;
  return (
    <Panel title="The problem">
      <dl class="facts">
        <dt>Service</dt>
        <dd>{answer.service === 'degraded' ? 'slow or unreliable' : 'no service'}</dd>
        {answer.services && (
          <>
            <dt>Calls, data, texts</dt>
            <dd>{serviceWords(answer.services)}</dd>
            <dt>Can be told</dt>
            <dd>{REACH[answer.reach]}</dd>
          </>
        )}
        <dt>For them since</dt>
        <dd>{answer.since ? <When at={answer.since} /> : 'not known'}</dd>
        <dt>Cause</dt>
        <dd>{answer.cause ?? 'not known yet'}</dd>
        <dt>Expected repair</dt>
        <dd>
          {answer.estimatedRepairAt ? (
            <>
              <When at={answer.estimatedRepairAt} />
              {answer.repairSaidBy && SAID_BY[answer.repairSaidBy]}
            </>
          ) : (
            'not known: promise no time'
          )}
        </dd>
        {answer.incidentId && (
          <>
            <dt>Incident</dt>
            <dd>
              <Link href={`/incidents/${encodeURIComponent(answer.incidentId)}`}>Open it</Link>
            </dd>
          </>
        )}
      </dl>
    </Panel>
  );
}

/** What a text was about; an outage, when it is none of these. */
const KINDS: Readonly<Record<string, string>> = {
  restored: 'Service is back',
  update: 'Another repair time',
  works: 'About planned works',
  overrun: 'Planned works take longer',
};

/** Whether and when they were told. */
export function ToldPanel({ answer }: Props) {
  return (
    <Panel title="What we told them">
      {answer.told.length === 0 ? (
        <p>No message has been sent to this number.</p>
      ) : (
        <ul class="plain-list">
          {answer.told.map((each) => (
            <li key={`${each.kind} ${each.at}`}>
              <Chip word={words(each.state)} tone={each.state === 'delivered' ? 'good' : 'quiet'} />{' '}
              {KINDS[each.kind] ?? 'About the outage'},
              <When at={each.at} />
              {each.reason && <span class="hint"> ({words(each.reason)})</span>}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** Planned works and missing measurements where they are; nothing when there are none. */
export function PlacePanel({ answer }: Props) {
  const { works, sight } = answer;
  if (works.length === 0 && sight.state === 'clear') return null;
  return (
    <Panel title="At their places">
      <ul class="plain-list">
        {sight.state !== 'clear' && (
          <li>
            {sight.state === 'none' ? 'No measurements' : 'Measurements are missing in part'}
            {sight.since && (
              <>
                {' '}
                since <When at={sight.since} />
              </>
            )}
          </li>
        )}
        {works.map((work) => (
          <li key={work.workId}>
            <Chip word={work.isOn ? 'under way' : 'planned'} tone={work.isOn ? 'note' : 'quiet'} />{' '}
            {work.description ?? `Planned work ${work.workId}`},{' '}
            <When at={work.startsAt} only="clock" /> to <When at={work.endsAt} only="clock" />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function lasted({ startedAt, endedAt }: Props['answer']['recent'][number]): string {
  if (endedAt === null) return 'not over';
  return `lasted ${span(Date.parse(endedAt) - Date.parse(startedAt))}`;
}

/** Incidents of the last 90 days at their places, and whether they come again and again. */
export function RecentPanel({ answer }: Props) {
  const { recent, recurring } = answer;
  return (
    <Panel title="Last 90 days at their places">
      {recurring.isRecurring && (
        <p>
          <Chip word="recurring" tone="warn" /> {recurring.incidents} incidents here in 30 days
        </p>
      )}
      {recent.length === 0 ? (
        <p>No incident.</p>
      ) : (
        <ul class="plain-list">
          {recent.map((each) => (
            <li key={each.incidentId}>
              <When at={each.startedAt} />: {each.cause}, {lasted(each)}
              {each.wasAffected && <span class="hint"> (they were affected)</span>}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** Which lines of a fleet are affected; nothing for a number that is nobody's contact. */
export function LinesPanel({ answer }: Props) {
  const { lines } = answer;
  if (lines === null) return null;
  const more = lines.yes + lines.probably - lines.affected.length;
  return (
    <Panel title="Their lines">
      <p>
        <strong>{lines.yes}</strong> affected and <strong>{lines.probably}</strong> probably, of{' '}
        {lines.total} that have this number as their contact
        {lines.lookedAt < lines.total && ` (the first ${lines.lookedAt} were looked at)`}.
      </p>
      <ul class="plain-list">
        {lines.affected.map((each) => (
          <li key={each.subscriberId}>
            <span class="id">{each.line ?? `line ${each.subscriberId}`}</span>{' '}
            {each.service === 'none' ? 'no service' : 'slow or unreliable'}
            {each.affected === 'probably' && ', probably'}
          </li>
        ))}
        {more > 0 && <li class="hint">and {more} more</li>}
      </ul>
    </Panel>
  );
}
