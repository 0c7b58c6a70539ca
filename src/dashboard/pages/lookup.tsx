import { useState } from 'preact/hooks';
import { ApiError, getJson } from '../api.js';
import { AnswersPanel } from '../parts/lookup/answers.js';
import {
  LinesPanel,
  PlacePanel,
  ProblemPanel,
  RecentPanel,
  ToldPanel,
} from '../parts/lookup/facts.js';
import { type Language, type LookupAnswer, Verdict } from '../parts/lookup/verdict.js';
import { Empty, Failure, Loading } from '../parts/words.js';

/** For an agent on a call: is this caller affected, since when, what do I say? */
export function LookupPage() {
  const [number, setNumber] = useState('');
  const [language, setLanguage] = useState<Language>('fr');
  const [state, setState] = useState<LookupAnswer | ApiError | 'idle' | 'asking'>('idle');
  const ask = async (asked: string, inLanguage: Language): Promise<void> => {
    setNumber(asked);
    setState('asking');
    const path = `/api/v1/subscribers/${encodeURIComponent(asked)}/network?language=${inLanguage}`;
    const answer = await getJson<LookupAnswer>(path).catch((error: unknown) =>
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
          <>
            <Verdict answer={state} language={language} />
            <AnswersPanel key={`${state.number} ${state.validUntil}`} answer={state} />
            <div class="panels">
              <ProblemPanel answer={state} />
              <LinesPanel answer={state} />
              <PlacePanel answer={state} />
              <ToldPanel answer={state} />
              <RecentPanel answer={state} />
            </div>
          </>
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
          autofocus
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
