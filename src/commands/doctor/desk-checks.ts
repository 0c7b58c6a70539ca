import { createKafkaBus } from '../../adapters/kafka/client.js';
import { smtpTransport } from '../../adapters/smtp/mail-channel.js';
import type { Config } from '../../config.js';
import type { SmtpConfig } from '../../forecast/desk/config.js';
import { createLog } from '../../runtime/log.js';
import { channelOf } from '../../service/desk-effects.js';
import { attempt, type Check, failed, passed, skipped, warned } from './report.js';

/** Who hears of surges: does each way there answer. Sends no mail and posts no alert. */
export async function checkDesk({ desk, sources }: Config): Promise<Check[]> {
  if (desk === undefined) {
    return [skipped('desk', 'none is configured: surges are shown, and nobody is told of them')];
  }
  const { smtp, recipients = [], forecastTopic } = desk;
  const checks: Check[] = [];
  if (recipients.length === 0) {
    checks.push(warned('desk', 'nobody is told of a surge', 'name somebody in desk.recipients'));
  }
  if (smtp !== undefined) checks.push(await checkSmtp(smtp));
  for (const each of recipients) {
    const name = `desk ${each.name}`;
    const check = await attempt(name, 'check desk.recipients', async (signal) => {
      channelOf(each, desk, 'UTC').close();
      return each.webhook === undefined
        ? passed(name, `${each.email?.length ?? 0} e-mail addresses`)
        : checkWebhook(name, each.webhook, signal);
    });
    checks.push(check);
  }
  if (forecastTopic !== undefined && sources?.kafka !== undefined) {
    const { kafka } = sources;
    const name = `kafka topic ${forecastTopic}`;
    const mend = 'create the topic, and let the user Describe and Write it';
    checks.push(
      await attempt(name, mend, async () => {
        const ends = await createKafkaBus(kafka, createLog('silent')).endOffsets(forecastTopic);
        if (ends.size === 0) return failed(name, 'it has no partition', mend);
        return passed(name, `${ends.size} partitions; forecasts are published to it`);
      }),
    );
  }
  return checks;
}

function checkSmtp(smtp: SmtpConfig): Promise<Check> {
  const name = 'smtp';
  const mend = 'check desk.smtp: host, port, security, user and password';
  return attempt(name, mend, async () => {
    const transport = smtpTransport(smtp);
    try {
      await transport.verify();
    } finally {
      transport.close();
    }
    const answer = `${smtp.host} answers and lets us in`;
    if (smtp.security !== 'none') return passed(name, answer);
    return warned(name, `${answer}, in clear`, 'set desk.smtp.security to starttls or tls');
  });
}

/** Any answer over HTTP will do: what a receiver says to an empty request is its own affair. */
export async function checkWebhook(
  name: string,
  webhook: string,
  signal: AbortSignal,
): Promise<Check> {
  const answer = await fetch(webhook, { method: 'OPTIONS', redirect: 'manual', signal });
  await answer.body?.cancel();
  const { protocol, host, hostname } = new URL(webhook);
  const isOpen = protocol === 'http:' && !['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  if (!isOpen) return passed(name, `${host} answers`);
  return warned(name, `${host} answers, in clear`, 'use https: what is sent is confidential');
}
