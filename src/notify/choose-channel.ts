import { CHANNELS, type Channel, type NotificationKind } from '../domain/customer.js';
import type { NotificationPolicy } from './policy.js';

/** What decides by which channel somebody is told. */
export interface ChannelFacts {
  readonly kind: NotificationKind;
  /** their own, the most wanted first; empty when none were imported */
  readonly wantedChannels: readonly Channel[];
  /** by which nothing arrives now */
  readonly lostChannels: readonly Channel[];
  /** by which this very message failed for good */
  readonly failedChannels: readonly Channel[];
}

/** When the next channel is used instead. */
export interface Fallback {
  readonly channel: Channel;
  /** whether also after the gateway took it and said later that it did not arrive */
  readonly isLate: boolean;
}

export type ChannelChoice =
  | { readonly status: 'chosen'; readonly channel: Channel; readonly fallback: Fallback | null }
  /** none arrives now, and the policy keeps such a message here */
  | { readonly status: 'wait' }
  /** none that they want is allowed for the kind and there to be used */
  | { readonly status: 'none' };

/**
 * The one channel by which somebody is told: the first they want that is allowed and can arrive, else
 * the first whose gateway may keep it until it can.
 * @param available channels that are set up
 */
export function chooseChannel(
  facts: ChannelFacts,
  policy: NotificationPolicy,
  available: readonly Channel[],
): ChannelChoice {
  const { wantedChannels, failedChannels, kind } = facts;
  const wanted = wantedChannels.length > 0 ? wantedChannels : policy.channels.default;
  const allowed = policy.kinds[kind].channels ?? CHANNELS;
  const open = wanted.filter(
    (each) => allowed.includes(each) && available.includes(each) && !failedChannels.includes(each),
  );
  if (open.length === 0) return { status: 'none' };
  const channel = firstUsable(open, facts, policy);
  if (channel === undefined) return { status: 'wait' };
  const next = firstUsable(
    open.filter((each) => each !== channel),
    facts,
    policy,
  );
  const { fallback } = policy.channels[channel];
  if (fallback === 'never' || next === undefined) {
    return { status: 'chosen', channel, fallback: null };
  }
  const isLate = fallback === 'whenFailed';
  return { status: 'chosen', channel, fallback: { channel: next, isLate } };
}

function firstUsable(
  open: readonly Channel[],
  { lostChannels }: ChannelFacts,
  { channels }: NotificationPolicy,
): Channel | undefined {
  return (
    open.find((each) => !lostChannels.includes(each)) ??
    open.find((each) => channels[each].whenLost === 'handOver')
  );
}

/** Every list of channels that somebody may have, none among them, each written with `|` between. */
export function everyWantedList(): string[] {
  const lists: string[] = [''];
  const extend = (list: readonly Channel[]): void => {
    for (const each of CHANNELS.filter((channel) => !list.includes(channel))) {
      const longer = [...list, each];
      lists.push(longer.join('|'));
      extend(longer);
    }
  };
  extend([]);
  return lists;
}
