import { useState } from 'preact/hooks';
import type { SubscriberNetwork } from '../../api/schemas.js';
import { ApiError, getJson } from '../api.js';
import { words } from '../format.js';
import { Chip, Empty, Failure, Loading, Panel, When } from '../parts/words.js';
import { Link } from '../router.js';

type Answer = SubscriberNetwork & { readonly number: string };
type Language = 'en' | 'fr';

const VERDICTS = {
  yes: ['Yes', 'This subscriber is affected.', 'bad'],
  probably: ['Probably', 'This subscriber is probably affected.', 'note'],
  no: ['No', 'We know of no problem that affects this subscriber.', 'good'],
} as const;

/** For an agent on a call: is this caller affected, since when, what do I say? */
export function LookupPage() {
  const [number, setNumber] = useState('');
  const [language, setLanguage] = useState<Language>('fr');
  const [state, setState] = useState<Answer | ApiError | 'idle' | 'asking'>('idle');
  const ask = async (asked: string, inLanguage: Language): Promise<void> => {
    setNumber(asked);
    setState('asking');
    const path = `/api/v1/subscribers/${encodeURIComponent(asked)}/network?language=${inLanguage}`;
    const answer = await getJson<Answer>(path).catch((error: unknown) =>
      error instanceof ApiError ? error : new ApiError(0, String(error)),
    );
    setState(answer);
  };
  const choose = (chosen: Language): void => {
    setLanguage(chosen);
    if (number !== '') void ask(number, chosen);
  };
  return (
    <article class="lookup">
      <h1>Is this caller affected?</h1>
      <LookupForm
        language={language}
        onLanguage={choose}
        onAsk={(number) => void ask(number, language)}
      />
      <div aria-live="polite">
        {state === 'idle' && (
          <Empty title="Type the affected number">
            <p>Callers often use another phone: ask which number has the problem.</p>
          </Empty>
        )}
        {state === 'asking' && <Loading what="the answer" />}
        {state instanceof ApiError && (
          <Failure error={state} retry={() => void ask(number, language)} />
        )}
        {typeof state === 'object' && !(state instanceof ApiError) && (
          <AnswerCard answer={state} language={language} />
        )}
      </div>
    </article>
  );
}

interface FormProps {
  readonly language: Language;
  readonly onLanguage: (language: Language) => void;
  readonly onAsk: (number: string) => void;
}

function LookupForm({ language, onLanguage, onAsk }: FormProps) {
  const [number, setNumber] = useState('');
  const submit = (event: Event): void => {
    event.preventDefault();
    if (number.trim() !== '') onAsk(number.trim());
  };
  return (
    <form class="lookup-form" onSubmit={submit}>
      <label>
        Number the problem is with
        <input
          type="tel"
          autocomplete="off"
          placeholder="06 12 34 56 78 or +33 6 12 34 56 78"
          value={number}
          onInput={(event) => setNumber(event.currentTarget.value)}
        />
      </label>
      <label>
        Language
        <select
          value={language}
          onChange={(event) => onLanguage(event.currentTarget.value === 'fr' ? 'fr' : 'en')}
        >
          <option value="fr">French</option>
          <option value="en">English</option>
        </select>
      </label>
      <button type="submit" class="primary">
        Look up
      </button>
    </form>
  );
}

function AnswerCard({ answer, language }: { answer: Answer; language: Language }) {
  const [word, meaning, tone] = VERDICTS[answer.affected];
  return (
    <>
      <section class={`verdict verdict-${tone}`}>
        <p class="verdict-word">{word}</p>
        <div>
          <p>
            <strong>{meaning}</strong> <span class="id">{answer.number}</span>
          </p>
          <p>{answer.reason}</p>
        </div>
      </section>
      <Panel title="What you can say">
        <blockquote lang={language}>{answer.sentence}</blockquote>
        <p class="hint">
          True until <When at={answer.validUntil} only="clock" />; look up again after that.
        </p>
      </Panel>
      <div class="panels">
        <FactsPanel answer={answer} />
        <ToldPanel answer={answer} />
        <RecentPanel answer={answer} />
      </div>
    </>
  );
}

function FactsPanel({ answer }: { answer: Answer }) {
  if (answer.affected === 'no') return null;
  return (
    <Panel title="The problem">
      <dl class="facts">
        <dt>Service</dt>
        <dd>{answer.service === 'degraded' ? 'slow or unreliable' : 'no service'}</dd>
        <dt>Since</dt>
        <dd>{answer.since ? <When at={answer.since} /> : 'not known'}</dd>
        <dt>Cause</dt>
        <dd>{answer.cause ?? 'not known yet'}</dd>
        <dt>Expected repair</dt>
        <dd>
          {answer.estimatedRepairAt ? (
            <When at={answer.estimatedRepairAt} />
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

function ToldPanel({ answer }: { answer: Answer }) {
  return (
    <Panel title="What we told them">
      {answer.told.length === 0 ? (
        <p>No message has been sent to this number.</p>
      ) : (
        <ul class="plain-list">
          {answer.told.map((each) => (
            <li key={`${each.kind} ${each.at}`}>
              <Chip word={words(each.state)} tone={each.state === 'delivered' ? 'good' : 'quiet'} />{' '}
              {each.kind === 'restored' ? 'Service is back' : 'About the outage'},{' '}
              <When at={each.at} />
              {each.reason && <span class="hint"> ({words(each.reason)})</span>}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function RecentPanel({ answer }: { answer: Answer }) {
  return (
    <Panel title="Last 90 days at their places">
      {answer.recent.length === 0 ? (
        <p>No other incident.</p>
      ) : (
        <ul class="plain-list">
          {answer.recent.map((each) => (
            <li key={each.incidentId}>
              <When at={each.startedAt} /> {each.cause}
              {each.endedAt === null && ' (not over)'}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
