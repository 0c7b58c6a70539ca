import { createHmac, timingSafeEqual } from 'node:crypto';

function tokenOf(key: string, alertId: string, recipient: string): string {
  const content = `acknowledge\n${alertId}\n${recipient}`;
  return createHmac('sha256', key).update(content).digest('base64url').slice(0, 27);
}

/** Where one recipient says that an alert was seen; who has the link needs no account. */
export function acknowledgeLink(
  { publicUrl, key }: { readonly publicUrl: string; readonly key: string },
  alertId: string,
  recipient: string,
): string {
  const path = [alertId, recipient, tokenOf(key, alertId, recipient)].map(encodeURIComponent);
  return `${publicUrl.replace(/\/+$/, '')}/desk/acknowledge/${path.join('/')}`;
}

/** Whether a link was made with this key for this alert and recipient. */
export function isAcknowledgeToken(
  key: string,
  { alertId, recipient, token }: { alertId: string; recipient: string; token: string },
): boolean {
  const own = Buffer.from(tokenOf(key, alertId, recipient));
  const given = Buffer.from(token);
  return own.length === given.length && timingSafeEqual(own, given);
}
