import Type, { type Static } from 'typebox';

/** How people reach a queue. */
export const Media = Type.Union([
  Type.Literal('voice'),
  Type.Literal('callback'),
  Type.Literal('chat'),
  Type.Literal('email'),
  Type.Literal('message'),
]);
export type Media = Static<typeof Media>;

export const MEDIA: readonly Media[] = ['voice', 'callback', 'chat', 'email', 'message'];

/**
 * The name that a queue's contacts of one media are forecast and staffed by: calls have a daily
 * pattern and a handle time of their own, chats another. Voice keeps the queue's own name, others
 * become `Support (chat)`. A name that already says so stays as it is.
 */
export function queueName(queue: string, media: Media): string {
  const suffix = ` (${media})`;
  return media === 'voice' || queue.endsWith(suffix) ? queue : `${queue}${suffix}`;
}
