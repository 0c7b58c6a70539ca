import { messageOf, TocsinError } from '../../domain/errors.js';
import type { SmtpConfig } from '../../forecast/desk/config.js';
import type { ApprovalRequest, OnCallContact } from '../../notify/approval.js';
import type { OnCallConfig } from '../../notify/on-call-config.js';
import { smtpTransport } from '../smtp/mail-channel.js';
import { webhookSignature } from '../webhook/webhook-channel.js';

const TIMEOUT_MS = 10_000;

export interface OnCallOptions {
  readonly contacts: OnCallConfig;
  readonly smtp?: SmtpConfig | undefined;
  /** wall time, epoch ms */
  readonly now: () => number;
}

/** The people on call, each by e-mail or webhook, in the order they are asked. */
export function onCallContacts({ contacts, smtp, now }: OnCallOptions): OnCallContact[] {
  return contacts.map(({ name, email, webhook, secret = '' }) => {
    if (email !== undefined && smtp !== undefined) return mailContact(name, email, smtp);
    if (webhook !== undefined) return webhookContact(name, { url: webhook, secret, now });
    throw new TocsinError(
      'input.config',
      `onCall "${name}": allowed are an e-mail with desk.smtp, or a webhook with its secret`,
    );
  });
}

/** Posts the request as JSON, signed as alerts are; any 2xx means that it was received. */
function webhookContact(
  name: string,
  { url, secret, now }: { url: string; secret: string; now: () => number },
): OnCallContact {
  const ask = async (request: ApprovalRequest): Promise<void> => {
    const body = JSON.stringify({ type: 'approval', ...request });
    const answer = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        'content-type': 'application/json',
        'idempotency-key': request.requestId,
        'tocsin-signature': webhookSignature(secret, Math.floor(now() / 1000), body),
      },
      body,
    }).catch((error: unknown) => {
      throw away(messageOf((error as { cause?: unknown }).cause ?? error));
    });
    await answer.body?.cancel();
    if (!answer.ok) throw away(`answered ${answer.status}`);
  };
  return { name, ask };
}

function mailContact(name: string, to: readonly string[], smtp: SmtpConfig): OnCallContact {
  const transport = smtpTransport(smtp);
  const ask = async (request: ApprovalRequest): Promise<void> => {
    const domain = smtp.from.split('@')[1] ?? 'tocsin';
    try {
      await transport.sendMail({
        from: { name: 'Tocsin', address: smtp.from },
        to: [...to],
        subject: `Approve a text to ${Math.round(request.people)} people${request.place === '' ? '' : ` in ${request.place}`}?`,
        text: mailText(request),
        messageId: `<${request.requestId}@${domain}>`,
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
    } catch (error) {
      throw away(messageOf(error));
    }
  };
  return { name, ask };
}

function mailText({ kind, people, place, reason, url, answerBy }: ApprovalRequest): string {
  return [
    `A wave of texts ("${kind}") to ${Math.round(people)} people${place === '' ? '' : ` in ${place}`} waits for a person:`,
    `${reason}.`,
    '',
    `Approve, hold or cancel it: ${url}`,
    `Without an answer the next on the list is asked, or the policy's default applies, from ${answerBy} on.`,
  ].join('\n');
}

function away(what: string): TocsinError {
  return new TocsinError('unavailable.desk', `on call: ${what}`);
}
