import type { SubscriptionKind } from '../domain/customer.js';
import type { NotificationPolicy } from './policy.js';

/** Without a word in the policy only fleets have a manager who is told. */
const FLEETS: NonNullable<NotificationPolicy['people']['managed']> = [{ kinds: ['fleet'] }];

/** Whether the manager of a line's account is told in place of it. */
export function isManaged(
  line: { readonly kind: SubscriptionKind; readonly segment: string },
  { people: { managed = FLEETS } }: NotificationPolicy,
): boolean {
  return managed.some(
    ({ kinds, segments }) =>
      (kinds?.includes(line.kind) ?? true) && (segments?.includes(line.segment) ?? true),
  );
}
