import type { Channel } from '../domain/customer.js';
import { respellGsm7, type SmsSize, smsSize } from './gsm7.js';
import type { MessageFile } from './message-file.js';
import type { NotificationPolicy } from './policy.js';
import type { OptOutPolicy, SenderKind } from './policy-channels.js';

/** Which text of a file. */
export type TextName = keyof MessageFile['sms'];

/** A text to be filled, and where in the file it stands. */
export interface Template {
  readonly key: string;
  readonly message: string;
}

/** The text of a channel; one that the channel does not have of its own is that of the SMS. */
export function templateOf(file: MessageFile, channel: Channel, name: TextName): Template {
  const own = channel === 'sms' ? undefined : file[channel]?.[name];
  return own === undefined
    ? { key: `sms.${name}`, message: file.sms[name] }
    : { key: `${channel}.${name}`, message: own };
}

/** Of a notification its title, of a mail its subject; undefined where the channel or file has none. */
export function titleOf(file: MessageFile, channel: Channel): Template | undefined {
  const message = channel === 'sms' ? undefined : file[channel]?.title;
  return message === undefined ? undefined : { key: `${channel}.title`, message };
}

/** What writes to people by a channel. */
export function senderOf(channel: Channel, sms: SenderKind): keyof OptOutPolicy {
  return channel === 'sms' ? sms : channel;
}

/** The text as its channel carries it, and its size; what is no SMS is one, whatever its length. */
export function fitted(
  raw: string,
  channel: Channel,
  { texts }: NotificationPolicy,
): { readonly text: string; readonly size: SmsSize } {
  if (channel !== 'sms') return { text: raw, size: { ...smsSize(raw), segments: 1 } };
  const respelt = texts.preferGsm7 ? respellGsm7(raw) : raw;
  const text = smsSize(respelt).encoding === 'GSM-7' ? respelt : raw;
  return { text, size: smsSize(text) };
}

/** What is wrong with a text on its channel; undefined when nothing is. */
export function unfit(
  { text, size }: ReturnType<typeof fitted>,
  channel: Channel,
  { texts, channels }: NotificationPolicy,
): string | undefined {
  if (channel !== 'sms') {
    const { maxCharacters } = channels[channel];
    if (text.length <= maxCharacters) return undefined;
    return `${text.length} characters, allowed are ${maxCharacters} (channels.${channel}.maxCharacters): ${text}`;
  }
  if (size.segments <= texts.maxSegments) return undefined;
  const because =
    size.outside.length > 0 && texts.preferGsm7
      ? `, because of ${size.outside.map((each) => `"${each}"`).join(' ')}`
      : '';
  return `${size.segments} segments (${size.encoding}${because}), allowed are ${texts.maxSegments}: ${text}`;
}

/** A word in capitals that asks for a reply, such as STOP. @param words in capitals, without accents */
export function replyWordIn(text: string, words: ReadonlySet<string>): string | undefined {
  const found =
    text
      .normalize('NFD')
      .replace(/\p{M}/gu, '')
      .match(/\p{Lu}{3,}/gu) ?? [];
  return found.find((each) => words.has(each));
}
