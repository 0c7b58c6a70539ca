import type { Channel } from '../domain/customer.js';
import type { DryRun, DryRunMessage } from '../domain/dry-run.js';
import type { NotificationPolicy } from './policy.js';
import type { Parcel, Rehearsed, Remainder } from './rehearsal.js';

/** What a dry run says beside what was rehearsed. */
export type DryRunFrame = Pick<
  DryRun,
  'incidentId' | 'kind' | 'wave' | 'assumes' | 'segmentsPerSecond' | 'already'
> & {
  readonly nowMs: number;
  /** reason to number of people who get no message at all */
  readonly refused: Readonly<Record<string, number>>;
  /** segments handed over so far */
  readonly spent: { readonly incident: number; readonly month: number };
};

/** Adds up what was rehearsed by class of people and text. */
export function dryRunOf(
  { parcels, suppressed, waiting, quiet }: Rehearsed,
  { nowMs, refused, spent, ...frame }: DryRunFrame,
  policy: NotificationPolicy,
): DryRun {
  const messages = messagesOf(parcels, policy);
  const segments = messages
    .filter(({ channel }) => channel === 'sms')
    .reduce((sum, each) => sum + each.segments * each.people, 0);
  const price = messages.reduce((sum, each) => sum + each.price * each.people, 0);
  const leftOut = byReason(Object.entries(refused));
  const [dropped, held] = [reasonsOf(suppressed), reasonsOf(waiting)];
  const times = messages.flatMap(({ firstAt, lastAt }) => [firstAt, lastAt]).sort();
  return {
    ...frame,
    at: new Date(nowMs).toISOString(),
    messages,
    postponed: postponedOf(quiet),
    waiting: held,
    suppressed: dropped,
    leftOut,
    totals: {
      messages: total(messages),
      segments,
      price: cents(price),
      suppressed: total(dropped),
      waiting: total(held),
      leftOut: total(leftOut),
      firstAt: times[0] ?? null,
      lastAt: times.at(-1) ?? null,
    },
    budget: budgetOf(policy, segments, spent),
  };
}

function messagesOf(parcels: readonly Parcel[], policy: NotificationPolicy): DryRunMessage[] {
  const merged = new Map<string, DryRunMessage>();
  for (const { group, sms, people, fromMs, toMs } of parcels) {
    const { facts, sample } = group;
    const own = {
      channel: facts.channel,
      title: sms.title,
      segment: facts.segment,
      language: facts.language,
      vulnerable: facts.isVulnerable,
      service: facts.service,
      reach: facts.isReachable || facts.isManager ? 'now' : 'later',
      audience: facts.isManager ? 'fleet' : 'person',
      text: sms.text,
      textLanguage: sms.language,
      encoding: sms.size.encoding,
      segments: sms.size.segments,
      price: priceOf(facts.channel, sms.size.segments, policy),
    } as const;
    const key = Object.values(own).join('\n');
    const before = merged.get(key);
    const [firstAt, lastAt] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
    merged.set(key, {
      ...own,
      people: people + (before?.people ?? 0),
      firstAt: before && before.firstAt < firstAt ? before.firstAt : firstAt,
      lastAt: before && before.lastAt > lastAt ? before.lastAt : lastAt,
      sample: before?.sample ?? sample,
    });
  }
  return [...merged.values()].sort(
    (a, b) =>
      compare(a.firstAt, b.firstAt) ||
      compare(a.lastAt, b.lastAt) ||
      b.people - a.people ||
      compare(a.text, b.text),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function postponedOf(quiet: Rehearsed['quiet']): DryRun['postponed'] {
  const byTime = new Map<number, number>();
  for (const { untilMs, people } of quiet) {
    byTime.set(untilMs, (byTime.get(untilMs) ?? 0) + people);
  }
  return [...byTime]
    .sort(([a], [b]) => a - b)
    .map(([untilMs, people]) => ({ until: new Date(untilMs).toISOString(), people }));
}

function reasonsOf(remainders: readonly Remainder[]): DryRun['suppressed'] {
  return byReason(remainders.map(({ reason, people }) => [reason, people] as const));
}

/** Most people first. */
function byReason(counts: readonly (readonly [string, number])[]): DryRun['suppressed'] {
  const sums = new Map<string, number>();
  for (const [reason, people] of counts) sums.set(reason, (sums.get(reason) ?? 0) + people);
  return [...sums]
    .filter(([, people]) => people > 0)
    .map(([reason, people]) => ({ reason, people }))
    .sort((a, b) => b.people - a.people || compare(a.reason, b.reason));
}

function budgetOf(
  policy: NotificationPolicy,
  segments: number,
  spent: DryRunFrame['spent'],
): DryRun['budget'] {
  const { currency, perIncident, perMonth } = policy.budget;
  const limitOf = (limit: number | null, before: number) => ({
    limit,
    spent: money(before, policy),
    left: limit === null ? null : Math.max(0, cents(limit - money(before + segments, policy))),
  });
  return {
    currency,
    perIncident: limitOf(perIncident, spent.incident),
    perMonth: limitOf(perMonth, spent.month),
  };
}

function priceOf(channel: Channel, segments: number, policy: NotificationPolicy): number {
  return channel === 'sms' ? money(segments, policy) : cents(policy.channels[channel].perMessage);
}

function money(segments: number, { budget }: NotificationPolicy): number {
  return cents(segments * budget.perSegment);
}

/** Prices of a segment have at most a few places; sums of them are not to show floating point. */
function cents(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

function total(each: readonly { readonly people: number }[]): number {
  return each.reduce((sum, { people }) => sum + people, 0);
}
