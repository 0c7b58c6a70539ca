import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, getJson } from './api.js';
import { type Change, connection, type LiveType, useChanges } from './live.js';
import { useStore } from './store.js';

const SETTLE_MS = 400;
/** Pause after a fetch, in units of how long it took: a slow server is asked less often. */
const PAUSE_FACTOR = 5;
const POLL_MS = 60_000;
const POLL_WITHOUT_LIVE_MS = 10_000;
/** A server that is away or busy is asked again by itself. */
const RETRY_MS = 4000;

/** What a page knows of a document: old data stays while newer is fetched or can't be had. */
export interface Resource<T> {
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  reload(): void;
}

interface State<T> {
  readonly path: string | undefined;
  readonly data?: T;
  readonly error?: ApiError;
}

/**
 * Fetches a document and keeps it current: again when one of the `wakes` comes over the live feed
 * (for `id` only, when given), and now and then in case the feed is away.
 */
export function useResource<T>(
  path: string | undefined,
  wakes: readonly LiveType[] = [],
  id?: string,
): Resource<T> {
  const [state, setState] = useState<State<T>>({ path });
  const newest = useRef(0);
  const tookMs = useRef(0);
  const load = useCallback(() => {
    if (path === undefined) return;
    const run = ++newest.current;
    const startedMs = performance.now();
    const answer = getJson<T>(path).finally(() => {
      tookMs.current = performance.now() - startedMs;
    });
    answer.then(
      (data) => run === newest.current && setState({ path, data }),
      (error: unknown) =>
        run === newest.current &&
        setState((old) => ({
          path,
          ...(old.path === path && old.data !== undefined ? { data: old.data } : {}),
          error: error instanceof ApiError ? error : new ApiError(0, String(error)),
        })),
    );
  }, [path]);
  useEffect(load, [load]);
  useWakes(load, tookMs, wakes, id);
  usePolling(load, state.error !== undefined && isPassing(state.error));
  const isCurrent = state.path === path;
  return {
    data: isCurrent ? state.data : undefined,
    error: isCurrent && !isKnown(state) ? state.error : undefined,
    reload: load,
  };
}

/** Loads a moment after a change, once for changes that come together. */
function useWakes(
  load: () => void,
  tookMs: { readonly current: number },
  wakes: readonly LiveType[],
  id: string | undefined,
): void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const key = wakes.join();
  const onChange = useCallback(
    (change: Change) => {
      const concerns =
        change.type === 'reset' ||
        (key.split(',').includes(change.type) && (!id || !change.id || change.id === id));
      if (!concerns || timer.current !== undefined) return;
      timer.current = setTimeout(
        () => {
          timer.current = undefined;
          load();
        },
        Math.max(SETTLE_MS, PAUSE_FACTOR * tookMs.current),
      );
    },
    [load, tookMs, key, id],
  );
  useChanges(onChange);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [load],
  );
}

/** Old data while Tocsin does not answer at all: the banner says so once for the whole page. */
function isKnown<T>({ data, error }: State<T>): boolean {
  return data !== undefined && error?.status === 0;
}

function isPassing({ status }: ApiError): boolean {
  return status === 0 || status >= 500;
}

function usePolling(load: () => void, isRetrying: boolean): void {
  const isLive = useStore(connection) === 'live';
  useEffect(() => {
    const everyMs = isRetrying ? RETRY_MS : isLive ? POLL_MS : POLL_WITHOUT_LIVE_MS;
    const timer = setInterval(load, everyMs);
    return () => clearInterval(timer);
  }, [load, isLive, isRetrying]);
}
