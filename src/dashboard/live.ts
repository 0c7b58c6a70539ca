import { useEffect } from 'preact/hooks';
import type { LiveEvent } from '../api/live-hub.js';
import { setNetworkTime } from './clock.js';
import { createStore } from './store.js';

const TYPES = ['incident', 'messages', 'forecast', 'gap', 'settings', 'health'] as const;
const FIRST_RETRY_MS = 2000;
const LAST_RETRY_MS = 30_000;

export type LiveType = (typeof TYPES)[number];
/** `reset`: anything may have changed. */
export type Change = Pick<LiveEvent, 'id'> & { readonly type: LiveType | 'reset' };
type Listener = (change: Change) => void;

/** Whether changes reach this page by themselves. */
export const connection = createStore<'connecting' | 'live' | 'lost'>('connecting');
const listeners = new Set<Listener>();

/** Opens the feed and keeps it open. @returns how to close it */
export function connectLive(): () => void {
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let retryMs = FIRST_RETRY_MS;
  const open = (): void => {
    source = new EventSource('/api/v1/live');
    listen(source);
    source.onopen = () => {
      retryMs = FIRST_RETRY_MS;
      if (connection.get() === 'lost') tell({ type: 'reset', id: '' });
      connection.set('live');
    };
    source.onerror = () => {
      connection.set('lost');
      if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
      timer = setTimeout(open, retryMs);
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
    };
  };
  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}

function listen(source: EventSource): void {
  for (const type of TYPES) {
    source.addEventListener(type, (event: MessageEvent<string>) => {
      const change = JSON.parse(event.data) as LiveEvent;
      tell({ type, id: change.id });
    });
  }
  source.addEventListener('reset', () => tell({ type: 'reset', id: '' }));
  source.addEventListener('time', (event: MessageEvent<string>) => {
    setNetworkTime((JSON.parse(event.data) as { now: number }).now);
  });
}

function tell(change: Change): void {
  for (const listener of listeners) listener(change);
}

/** Calls back for every change while the component is shown. */
export function useChanges(listener: Listener): void {
  useEffect(() => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, [listener]);
}
