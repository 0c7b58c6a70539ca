import type { Channel, NotificationKind } from '../../domain/customer.js';
import { lostChannels } from '../../domain/services.js';
import { chooseChannel, everyWantedList } from '../../notify/choose-channel.js';
import type { NotificationPolicy } from '../../notify/policy.js';

/** By which channel people are told, for each list they may want and each loss, as columns for SQL. */
export type ChannelTable = readonly [
  wanted: string[],
  isSmsLost: boolean[],
  isDataLost: boolean[],
  channels: (Channel | null)[],
];

/**
 * Works out the channel of everybody there may be, as the pure policy has it; null where none is left.
 * Of those who must wait it is the one they want most: it is decided again when it could leave.
 */
export function channelTable(
  kind: NotificationKind,
  policy: NotificationPolicy,
  available: readonly Channel[],
): ChannelTable {
  const table: ChannelTable = [[], [], [], []];
  const [wanted, smsLost, dataLost, channels] = table;
  for (const list of everyWantedList()) {
    for (const isSmsLost of [false, true]) {
      for (const isDataLost of [false, true]) {
        const person = { kind, wantedChannels: channelsOf(list), failedChannels: [] };
        const facts = { ...person, lostChannels: lostChannels(isSmsLost, isDataLost) };
        const choice = chooseChannel(facts, policy, available);
        const later = chooseChannel({ ...facts, lostChannels: [] }, policy, available);
        const found = choice.status === 'wait' ? later : choice;
        wanted.push(list);
        smsLost.push(isSmsLost);
        dataLost.push(isDataLost);
        channels.push(found.status === 'chosen' ? found.channel : null);
      }
    }
  }
  return table;
}

/** Channels as a column keeps them: `push|sms`; empty for none. */
export function channelsOf(text: string): Channel[] {
  return text === '' ? [] : (text.split('|') as Channel[]);
}
