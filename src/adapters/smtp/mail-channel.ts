import { createTransport, type Transporter } from 'nodemailer';
import { messageOf, TocsinError } from '../../domain/errors.js';
import { isPartnerNews, type News } from '../../domain/news.js';
import { alertText, type DeskLanguage } from '../../forecast/desk/alert-text.js';
import type { SmtpConfig } from '../../forecast/desk/config.js';
import type { DeliveryOutcome, DeskChannel } from '../../forecast/desk/ports.js';
import { partnerNewsText } from '../../notify/partners/news-text.js';

const TIMEOUT_MS = 15_000;
/** Not of this message: the server knows us not, or wants us to come again. */
const OUR_FAULT = [421, 454, 503, 530, 534, 535, 538];

/** Who gets mails of one recipient, and how they read. */
export interface MailAddress {
  readonly to: readonly string[];
  readonly language: DeskLanguage;
  /** IANA zone of the times in it */
  readonly zone: string;
}

/** Connects to an SMTP server as configured; nothing is opened yet. */
export function smtpTransport(smtp: SmtpConfig): Transporter {
  const { host, port = 587, security = 'starttls', user, password } = smtp;
  return createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
  });
}

/**
 * Sends news as plain-text mails. SMTP has no idempotency key: a mail whose acceptance was not
 * heard is sent again under the same Message-ID, by which mail systems drop repeats.
 */
export class MailChannel implements DeskChannel {
  readonly #transport: Transporter;
  readonly #from: string;
  readonly #address: MailAddress;

  constructor(smtp: SmtpConfig, address: MailAddress) {
    this.#transport = smtpTransport(smtp);
    this.#from = smtp.from;
    this.#address = address;
  }

  async deliver(news: News): Promise<DeliveryOutcome> {
    const { to, language, zone } = this.#address;
    const { subject, body } = isPartnerNews(news)
      ? partnerNewsText(news, language, zone)
      : alertText(news, language, zone);
    const domain = this.#from.split('@')[1] ?? 'tocsin';
    const thread = `<${news.alertId}@${domain}>`;
    try {
      await this.#transport.sendMail({
        from: { name: 'Tocsin', address: this.#from },
        to: [...to],
        subject,
        text: body,
        messageId: `<${news.deliveryId}@${domain}>`,
        references: thread,
        headers: {
          'Auto-Submitted': 'auto-generated',
          'X-Tocsin-Alert': news.alertId,
          'X-Tocsin-Delivery': news.deliveryId,
        },
      });
      return { status: 'sent' };
    } catch (error) {
      return refusalOf(error);
    }
  }

  close(): void {
    this.#transport.close();
  }
}

/** @throws TocsinError `unavailable.desk` unless the server has refused for good (RFC 5321, 4.2.1) */
function refusalOf(error: unknown): DeliveryOutcome {
  const { responseCode } = error as { responseCode?: number };
  const isFinal =
    responseCode !== undefined && responseCode >= 500 && !OUR_FAULT.includes(responseCode);
  if (isFinal) return { status: 'refused', reason: `SMTP: ${messageOf(error)}` };
  throw new TocsinError('unavailable.desk', `SMTP: ${messageOf(error)}`, { cause: error });
}
