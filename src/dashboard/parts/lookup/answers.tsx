import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, postJson } from '../../api.js';
import { Panel, When } from '../words.js';
import type { LookupAnswer } from './verdict.js';

type Word = LookupAnswer['answers'][number]['answer'];

const WORDS: Record<Word, string> = {
  notAffected: 'Not affected',
  stillDown: 'Still down',
  otherProblem: 'Another problem',
  textWhenBack: 'Text me when it is back',
};
/** Key by answer: an agent has the caller on the line and one hand on the keyboard. */
const KEYS: readonly (readonly [key: string, answer: Word])[] = [
  ['1', 'notAffected'],
  ['2', 'stillDown'],
  ['3', 'otherProblem'],
  ['4', 'textWhenBack'],
];

interface Given {
  readonly actId: string;
  readonly answer: Word;
  readonly at?: string;
}

/** Answers that a caller gave before and now, and what is going on with the last one. */
function useAnswers(answer: LookupAnswer) {
  const [given, setGiven] = useState<readonly Given[]>(answer.answers);
  const [problem, setProblem] = useState('');
  const [isBusy, setBusy] = useState(false);
  const path = `/api/v1/subscribers/${encodeURIComponent(answer.number)}/answers`;
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setProblem('');
    await work().catch((error: unknown) =>
      setProblem(error instanceof ApiError ? error.message : String(error)),
    );
    setBusy(false);
  };
  return {
    given,
    problem,
    isBusy,
    give: (word: Word) =>
      attempt(async () => {
        const about = answer.incidentId === null ? {} : { incidentId: answer.incidentId };
        const { actId } = await postJson<{ actId: string }>(path, { answer: word, ...about });
        setGiven((before) => [{ actId, answer: word }, ...before]);
      }),
    undo: (actId: string) =>
      attempt(async () => {
        await postJson(path, { answer: 'undo', undoes: actId });
        setGiven((before) => before.filter((each) => each.actId !== actId));
      }),
  };
}

/** Whether a key is meant for what is being typed. */
function isTyping({ target }: KeyboardEvent): boolean {
  return target instanceof HTMLElement && target.matches('input, select, textarea');
}

/** What the caller says of the answer: keys 1 to 4 outside a field, each can be undone. */
export function AnswersPanel({ answer }: { readonly answer: LookupAnswer }) {
  const { given, problem, isBusy, give, undo } = useAnswers(answer);
  const latest = useRef(give);
  latest.current = give;
  const mayAsk = answer.incidentId !== null && answer.noText === null;
  const panel = useRef<HTMLDivElement>(null);
  // from the field to the answer, so that the keys are the caller's answers
  useEffect(() => panel.current?.focus({ preventScroll: true }), []);
  const busy = useRef(isBusy);
  busy.current = isBusy;
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (isTyping(event) || busy.current || event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.key === '/') {
        event.preventDefault();
        document.querySelector<HTMLInputElement>('.lookup-form input')?.select();
        return;
      }
      const word = KEYS.find(([key]) => key === event.key)?.[1];
      if (word === undefined || (word === 'textWhenBack' && !mayAsk)) return;
      event.preventDefault();
      void latest.current(word);
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [mayAsk]);
  return (
    <Panel title="What the caller says">
      <div class="answers" ref={panel} tabIndex={-1}>
        {KEYS.map(([key, word]) => (
          <button
            key={word}
            type="button"
            disabled={isBusy || (word === 'textWhenBack' && !mayAsk)}
            aria-keyshortcuts={key}
            onClick={() => void give(word)}
          >
            <kbd>{key}</kbd> {WORDS[word]}
          </button>
        ))}
      </div>
      <p class="hint">
        Keys <kbd>1</kbd> to <kbd>4</kbd> answer, <kbd>/</kbd> is for the next number.
      </p>
      {!mayAsk && (
        <p class="hint">
          {answer.noText === null
            ? 'A text can be promised while an incident affects them.'
            : 'No text can be promised to this number.'}
        </p>
      )}
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <ul class="plain-list" aria-live="polite">
        {given.map((each) => (
          <li key={each.actId}>
            Noted: {WORDS[each.answer]}
            {each.at && (
              <>
                , <When at={each.at} />
              </>
            )}{' '}
            <button type="button" disabled={isBusy} onClick={() => void undo(each.actId)}>
              Undo
            </button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
