import { messageOf, TocsinError } from '../../domain/errors.js';
import type {
  FindResult,
  OutgoingSms,
  SendResult,
  SmsGateway,
  SoughtSms,
} from '../../notify/ports.js';
import { type HttpAnswer, HttpClient } from '../http/http-client.js';
import { errorCodeOf, isNeverSent } from '../http/never-sent.js';
import { parseBody, type TemplateValues, textAt } from '../http/template.js';
import { type RequestTemplate, templateRequest } from '../http/template-request.js';
import type { HttpMeaning, HttpSmsConfig } from './http-sms-config.js';
import { stateOfWord } from './http-sms-words.js';

/** A gateway's description, and what the wiring adds. */
export interface HttpSmsGatewayOptions {
  readonly config: HttpSmsConfig;
  /** longest a request can be in flight; default 15 s */
  readonly timeoutMs?: number;
  /** where it is to report, as {callbackUrl}; none: it is not told */
  readonly callbackUrl?: string;
  /** what it is called in messages; default `SMS gateway` */
  readonly title?: string;
}

/** Messages through any HTTP interface that a description fits: one call of `send` is one request. */
export class HttpSmsGateway implements SmsGateway {
  readonly longestInFlightMs: number;
  readonly report?: (gatewayId: string) => Promise<FindResult>;
  readonly #config: HttpSmsConfig;
  readonly #callbackUrl: string | undefined;
  readonly #http: HttpClient;
  readonly #title: string;

  constructor({
    config,
    timeoutMs = 15_000,
    callbackUrl,
    title = 'SMS gateway',
  }: HttpSmsGatewayOptions) {
    this.#title = title;
    this.#config = config;
    this.#callbackUrl = callbackUrl;
    this.longestInFlightMs = timeoutMs;
    this.#http = new HttpClient({ connections: config.connections ?? 16, timeoutMs });
    const { report } = config;
    if (report !== undefined) this.report = (id) => this.#report(report, id);
  }

  async send(sms: OutgoingSms): Promise<SendResult> {
    const { send } = this.#config;
    try {
      return this.#resultOf(await this.#request(send, { ...this.#valuesOf(sms) }, 'POST'));
    } catch (error) {
      const reason = errorCodeOf(error) ?? messageOf(error);
      if (!isNeverSent(reason)) return { status: 'unknown', reason };
      return { status: 'busy', reason, retryAfterMs: null, isOutage: true };
    }
  }

  async find(sought: SoughtSms): Promise<FindResult> {
    const { find } = this.#config;
    if (find === undefined) return { status: 'absent', isProof: false };
    const values = { messageId: sought.messageId, to: sought.to, text: sought.text };
    const answer = await this.#ask(find, values);
    const body = parseBody(answer.text);
    const gatewayId = textAt(body, find.id);
    if (answer.status === 404 || gatewayId === undefined) {
      const isAnswer = answer.status === 404 || body !== undefined;
      return { status: 'absent', isProof: isAnswer && (find.isListComplete ?? false) };
    }
    const word = textAt(body, find.status) ?? '';
    const state = stateOfWord(this.#config, word) ?? 'accepted';
    return { status: 'found', gatewayId, state, errorCode: null };
  }

  /** Asks the address in `check`, else whether the host of `send` answers at all. */
  async check(): Promise<void> {
    const { check, send } = this.#config;
    if (check === undefined) {
      await this.#ask(
        { url: new URL(send.url.replace(/\{[^}]*\}/g, '')).origin, method: 'GET' },
        {},
      );
      return;
    }
    const { status } = await this.#ask(check, {});
    if (status >= 400) throw this.#away(`it answers ${status}`);
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  async #report(
    report: NonNullable<HttpSmsConfig['report']>,
    gatewayId: string,
  ): Promise<FindResult> {
    const answer = await this.#ask(report, { gatewayId });
    const body = parseBody(answer.text);
    const word = textAt(body, report.status);
    const state = word === undefined ? null : stateOfWord(this.#config, word);
    if (answer.status >= 400 || state === null) return { status: 'absent', isProof: false };
    const errorCode = report.error === undefined ? null : (textAt(body, report.error) ?? null);
    return { status: 'found', gatewayId, state, errorCode };
  }

  #resultOf(answer: HttpAnswer): SendResult {
    const { send, errors } = this.#config;
    const body = parseBody(answer.text);
    const code = errors?.code === undefined ? undefined : textAt(body, errors.code);
    const reason = code === undefined ? `http.${answer.status}` : `gateway.${code}`;
    const rule = errors?.rules.find(
      ({ statuses, codes }) =>
        (statuses?.includes(answer.status) ?? true) &&
        (codes === undefined || (code !== undefined && codes.includes(code))),
    );
    const means = rule?.means ?? meaningOf(answer);
    if (means !== undefined) return outcomeOf(means, reason, answer.retryAfterMs);
    const gatewayId = textAt(body, send.id);
    if (gatewayId === undefined) {
      return { status: 'unknown', reason: `an answer without ${send.id}` };
    }
    return { status: 'accepted', gatewayId };
  }

  #valuesOf({ messageId, to, text, validitySeconds, more }: OutgoingSms): TemplateValues {
    return {
      ...more,
      messageId,
      to,
      toDigits: to.replace(/^\+/, ''),
      text,
      validitySeconds,
      validityMinutes: Math.max(1, Math.floor(validitySeconds / 60)),
      from: this.#config.from,
      callbackUrl: this.#callbackUrl,
    };
  }

  #request(template: RequestTemplate, values: TemplateValues, method: string): Promise<HttpAnswer> {
    return this.#http.send(templateRequest(template, values, method));
  }

  /** @throws TocsinError `unavailable.gateway` when there is no answer, or one that says so */
  async #ask(template: RequestTemplate, values: TemplateValues): Promise<HttpAnswer> {
    try {
      const answer = await this.#request(template, values, 'GET');
      if (answer.status === 429 || answer.status >= 500 || answer.status === 401) {
        throw new Error(`it answers ${answer.status}`);
      }
      return answer;
    } catch (error) {
      throw this.#away(messageOf(error), error);
    }
  }

  #away(why: string, cause?: unknown): TocsinError {
    const { host } = new URL(this.#config.send.url.replace(/\{[^}]*\}/g, ''));
    return new TocsinError('unavailable.gateway', `${this.#title} ${host}: ${why}`, { cause });
  }
}

/** What a status means where the description says nothing of it; undefined when it took the message. */
function meaningOf({ status, retryAfterMs }: HttpAnswer): HttpMeaning | undefined {
  if (status < 300) return undefined;
  if (status === 429 || (status === 503 && retryAfterMs !== null)) return 'tooFast';
  if ([401, 403, 404, 405].includes(status)) return 'account';
  if (status >= 400 && status < 500 && status !== 408) return 'refused';
  return 'unknown';
}

function outcomeOf(means: HttpMeaning, reason: string, retryAfterMs: number | null): SendResult {
  switch (means) {
    case 'tooFast':
      return { status: 'busy', reason, retryAfterMs, isOutage: false };
    case 'account':
      return { status: 'busy', reason, retryAfterMs, isOutage: true };
    case 'unknown':
      return { status: 'unknown', reason };
    default:
      return { status: 'refused', reason, isOptOut: means === 'optedOut' };
  }
}
