import type { ComponentChildren } from 'preact';
import type { ApiError } from '../api.js';
import { useNow } from '../clock.js';
import { clock, exact, localTimes, relative } from '../format.js';

/** A time as "12 min ago · 14:20", in full when pointed at. */
export function When({ at, only }: { at: string; only?: 'relative' | 'clock' }) {
  const now = useNow();
  const ms = Date.parse(at);
  const text = {
    relative: relative(ms, now),
    clock: clock(ms, now),
    both: `${relative(ms, now)} · ${clock(ms, now)}`,
  }[only ?? 'both'];
  return (
    <time dateTime={at} title={exact(ms)}>
      {text}
    </time>
  );
}

/** A sentence with its UTC times as local ones, as all other times of the page are. */
export function LocalTimes({ text }: { text: string }) {
  const now = useNow(60_000);
  return <>{localTimes(text, now)}</>;
}

const TONES: Record<string, string> = {
  critical: 'bad',
  major: 'warn',
  minor: 'note',
  warning: 'calm',
  open: 'bad',
  suspected: 'note',
  recovering: 'calm',
  resolved: 'good',
  closed: 'quiet',
  up: 'good',
  degraded: 'warn',
  down: 'bad',
};

/** A severity or state as a small label; the word carries the meaning, the colour helps. */
export function Chip({ word, tone }: { word: string; tone?: string }) {
  return <span class={`chip chip-${tone ?? TONES[word] ?? 'quiet'}`}>{word}</span>;
}

/** Shown while the first data is on its way. */
export function Loading({ what }: { what: string }) {
  return (
    <p class="state" role="status">
      Loading {what}…
    </p>
  );
}

/** Shown where there is nothing, with what that means. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="state">
      <p class="state-title">{title}</p>
      {children}
    </div>
  );
}

/** Shown where data could not be had, with a way to try again. */
export function Failure({ error, retry }: { error: ApiError; retry: () => void }) {
  return (
    <div class="state state-bad" role="alert">
      <p class="state-title">{error.status === 403 ? 'Not for your role' : 'This did not work'}</p>
      <p>{error.message}</p>
      {error.status !== 403 && error.status !== 404 && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** One figure with its name, such as people affected. */
export function Figure(props: { name: string; value: string; note?: string; tone?: string }) {
  return (
    <div class={`figure ${props.tone ? `figure-${props.tone}` : ''}`}>
      <dt>{props.name}</dt>
      <dd>
        <strong>{props.value}</strong>
        {props.note && <span>{props.note}</span>}
      </dd>
    </div>
  );
}

/** A part of a page under its own heading. */
export function Panel(props: {
  title: string;
  note?: string;
  wide?: boolean;
  children: ComponentChildren;
}) {
  return (
    <section class={`panel ${props.wide ? 'panel-wide' : ''}`}>
      <h2>
        {props.title}
        {props.note && <small>{props.note}</small>}
      </h2>
      {props.children}
    </section>
  );
}

interface TabsProps<T> {
  readonly label: string;
  readonly options: readonly (readonly [name: string, value: T])[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** A few buttons of which one is pressed. */
export function Tabs<T>({ label, options, value, onChange }: TabsProps<T>) {
  return (
    <fieldset class="tabs" aria-label={label}>
      {options.map(([name, each]) => (
        <button
          key={name}
          type="button"
          aria-pressed={each === value}
          onClick={() => onChange(each)}
        >
          {name}
        </button>
      ))}
    </fieldset>
  );
}
