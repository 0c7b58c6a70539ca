import { messageOf, TocsinError } from '../../domain/errors.js';

export type CheckStatus = 'ok' | 'warning' | 'failed' | 'skipped';

/** One thing that was tried. `mend` says what a person does about it; empty when all is well. */
export interface Check {
  readonly name: string;
  readonly status: CheckStatus;
  readonly detail: string;
  readonly mend: string;
}

/** What is known of one feed's records. Shares are fractions of 1, null when nothing was seen. */
export interface FeedCoverage {
  readonly feed: string;
  readonly kind: string;
  /** where the records were taken from */
  readonly basis: string;
  readonly records: number;
  readonly resolvedToInventory: number | null;
  /** KPIs and alarms: on cells where somebody is known to be; presence: of known people */
  readonly resolvedToSubscribers: number | null;
  readonly unresolved: readonly { readonly id: string; readonly count: number }[];
  readonly rejected: readonly { readonly reason: string; readonly count: number }[];
  /** empty when all is well */
  readonly mend: string;
}

/** What `tocsin doctor --json` prints. `ok`: nothing failed. */
export interface DoctorReport {
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly feeds: readonly FeedCoverage[];
}

const TIME_LIMIT_MS = 20_000;

export const passed = (name: string, detail: string): Check => ({
  name,
  status: 'ok',
  detail,
  mend: '',
});
export const skipped = (name: string, detail: string): Check => ({
  name,
  status: 'skipped',
  detail,
  mend: '',
});
export const warned = (name: string, detail: string, mend: string): Check => ({
  name,
  status: 'warning',
  detail,
  mend,
});
export const failed = (name: string, detail: string, mend: string): Check => ({
  name,
  status: 'failed',
  detail,
  mend,
});

/**
 * Tries one thing within 20 s; whatever it throws becomes a failed check.
 * @param mend what a person does when it fails and the error itself does not say
 */
export async function attempt(
  name: string,
  mend: string,
  body: (signal: AbortSignal) => Promise<Check>,
): Promise<Check> {
  const limit = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      limit.abort();
      reject(new TocsinError('internal', `no answer within ${TIME_LIMIT_MS / 1000} s`));
    }, TIME_LIMIT_MS);
  });
  try {
    return await Promise.race([body(limit.signal), late]);
  } catch (error) {
    return failed(name, messageOf(error), mend);
  } finally {
    clearTimeout(timer);
    limit.abort();
  }
}

const MARKS: Record<CheckStatus, string> = {
  ok: 'ok     ',
  warning: 'warning',
  failed: 'FAILED ',
  skipped: 'skipped',
};

/** The report for people. */
export function printable({ checks, feeds }: DoctorReport): string {
  const lines = checks.flatMap(({ name, status, detail, mend }) => [
    `${MARKS[status]}  ${name}: ${detail}`,
    ...(mend === '' ? [] : [`         → ${mend}`]),
  ]);
  for (const feed of feeds) {
    lines.push('', `feed ${feed.feed} (${feed.kind}), ${feed.records} records ${feed.basis}`);
    lines.push(`         resolved to inventory    ${percent(feed.resolvedToInventory)}`);
    lines.push(`         resolved to subscribers  ${percent(feed.resolvedToSubscribers)}`);
    if (feed.unresolved.length > 0)
      lines.push(`         unresolved: ${list(feed.unresolved, 'id')}`);
    if (feed.rejected.length > 0) lines.push(`         refused: ${list(feed.rejected, 'reason')}`);
    if (feed.mend !== '') lines.push(`         → ${feed.mend}`);
  }
  return `${lines.join('\n')}\n`;
}

function percent(share: number | null): string {
  // Never round an almost to an all.
  return share === null ? 'not known' : `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
}

function list<Key extends string>(
  items: readonly ({ readonly count: number } & Readonly<Record<Key, string>>)[],
  key: Key,
): string {
  return items.map((item) => `${item[key]} (${item.count})`).join(', ');
}
