import type { SubscriberNetwork } from '../../../api/subscriber-schemas.js';
import { Panel, When } from '../words.js';

/** What a look-up answers, with the number as it was understood. */
export type LookupAnswer = SubscriberNetwork & { readonly number: string };
export type Language = 'en' | 'fr';

const VERDICTS = {
  yes: ['Yes', 'This subscriber is affected.', 'bad'],
  probably: ['Probably', 'This subscriber is probably affected.', 'note'],
  no: ['No', 'We know of no problem that affects this subscriber.', 'good'],
  blind: ['Not known', 'We cannot see their places: measurements are missing.', 'note'],
} as const;

const NO_TEXT = {
  optedOut: 'They asked for no texts.',
  machine: 'A machine’s line: counted, never texted.',
  managerIsTold: 'The manager of its account is told, not the line.',
  partner: 'A partner’s customer: their own brand tells them.',
  noNumber: 'There is no number of their own to text.',
} as const;

/** The answer in one word, why, and what to say. */
export function Verdict({ answer, language }: { answer: LookupAnswer; language: Language }) {
  const isBlind = answer.affected === 'no' && answer.sight.state === 'none';
  const [word, meaning, tone] = VERDICTS[isBlind ? 'blind' : answer.affected];
  return (
    <>
      <section class={`verdict verdict-${tone}`}>
        <p class="verdict-word">{word}</p>
        <div>
          <p>
            <strong>{meaning}</strong> <span class="id">{answer.number}</span>
          </p>
          <p>{answer.reason}</p>
          {answer.isPartner && (
            <p>
              Customer of <strong>{answer.brand}</strong>, which has a help desk of its own.
            </p>
          )}
          {answer.noText && <p>{NO_TEXT[answer.noText]}</p>}
        </div>
      </section>
      <Panel title="What you can say">
        <blockquote lang={language}>{answer.sentence}</blockquote>
        <p class="hint">
          True until <When at={answer.validUntil} only="clock" />; look up again after that.
        </p>
      </Panel>
    </>
  );
}
