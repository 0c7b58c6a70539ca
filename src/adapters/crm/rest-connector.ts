import { createHash } from 'node:crypto';
import { Value } from 'typebox/value';
import type {
  AccountFlag,
  CrmConnector,
  DailyQuota,
  FlagKey,
  FlagToClear,
  FlagToWrite,
  Pushed,
} from '../../crm/ports.js';
import { CrmFlag } from '../../domain/customer.js';
import { messageOf, TocsinError } from '../../domain/errors.js';
import { type HttpAnswer, HttpClient } from '../http/http-client.js';
import {
  atPath,
  filled,
  type Json,
  parseBody,
  type TemplateValues,
  textAt,
} from '../http/template.js';
import { type RequestTemplate, templateRequest } from '../http/template-request.js';
import type { RestCrmBulk, RestCrmConfig, RestCrmRequest } from './rest-crm-config.js';

export interface RestConnectorOptions {
  readonly config: RestCrmConfig;
  readonly quota: DailyQuota;
  readonly timeoutMs?: number;
  /** a monotonic clock, ms */
  readonly now: () => number;
}

/** One request of a push: the flags it is about, and what fills its template. */
interface Step {
  readonly request: RestCrmRequest;
  readonly keys: readonly FlagKey[];
  readonly values: TemplateValues;
}

type StepResult = { readonly refused: string | null } | { readonly failed: TocsinError };

const DEFAULT_TIMEOUT_MS = 10_000;
const WAIT_WHEN_BUSY_MS = 5_000;

/**
 * A CRM with an HTTP interface that a description fits. Each request carries an idempotency key that a
 * repeat after a failure shares; what the CRM asks (Retry-After) and allows (`perDay`) is kept to.
 */
export class RestCrmConnector implements CrmConnector {
  readonly name: string;
  readonly batch: number;
  readonly list?: (after: FlagKey | undefined, limit: number) => Promise<AccountFlag[]>;
  readonly #options: RestConnectorOptions;
  readonly #config: RestCrmConfig;
  readonly #http: HttpClient;
  #notBeforeMs = Number.NEGATIVE_INFINITY;

  constructor(options: RestConnectorOptions) {
    this.#options = options;
    this.#config = options.config;
    const { name, bulk, list, parallel = 4 } = options.config;
    this.name = name;
    this.batch = parallel * (bulk === undefined ? 8 : Math.min(bulk.upsert.size, bulk.clear.size));
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#http = new HttpClient({ connections: parallel, timeoutMs });
    if (list !== undefined) this.list = (after, limit) => this.#list(list, after, limit);
  }

  upsert(flags: readonly FlagToWrite[]): Promise<Pushed> {
    const { upsert, bulk } = this.#config;
    const items = flags.map(({ account, flag, intent }) => ({
      key: flag,
      values: { ...flag, flag, account, key: keyOf(this.name, intent, flag) },
    }));
    return this.#push(stepsOf(items, upsert, bulk?.upsert));
  }

  clear(keys: readonly FlagToClear[]): Promise<Pushed> {
    const { clear, bulk } = this.#config;
    const items = keys.map(({ subscriberId, incidentId, account, intent }) => {
      const key = { subscriberId, incidentId };
      return { key, values: { ...key, account, key: keyOf(this.name, `${intent}/clear`, key) } };
    });
    return this.#push(stepsOf(items, clear, bulk?.clear));
  }

  /** Asks the address in `check`, else the list's first entry, else nothing. */
  async check(): Promise<void> {
    const { check, list } = this.#config;
    if (list !== undefined) await this.#list(list, undefined, 1);
    else if (check !== undefined) await this.#get(check.url, {}, {});
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  /** So many requests at once, in order; ends with the first group in which one failed. */
  async #push(steps: readonly Step[]): Promise<Pushed> {
    const { parallel = 4 } = this.#config;
    const refused: { key: FlagKey; reason: string }[] = [];
    let dealtWith = 0;
    for (let from = 0; from < steps.length; from += parallel) {
      const group = steps.slice(from, from + parallel);
      const stop = await this.#leave(group.length);
      if (stop instanceof TocsinError) return { dealtWith, refused, stoppedBy: stop };
      const allowed = group.slice(0, stop);
      const results = await Promise.all(allowed.map((step) => this.#carryOut(step)));
      for (const [index, result] of results.entries()) {
        if ('failed' in result) return { dealtWith, refused, stoppedBy: result.failed };
        const keys = allowed[index]?.keys ?? [];
        dealtWith += keys.length;
        const { refused: reason } = result;
        if (reason !== null) refused.push(...keys.map((key) => ({ key, reason })));
      }
      if (allowed.length < group.length) {
        return { dealtWith, refused, stoppedBy: this.#quotaUsed() };
      }
    }
    return { dealtWith, refused, stoppedBy: null };
  }

  /** @returns how many of `wanted` requests may be made now, or why none */
  async #leave(wanted: number): Promise<number | TocsinError> {
    const waitMs = this.#notBeforeMs - this.#options.now();
    if (waitMs > 0)
      return this.#away(`it asked to be left alone for ${Math.ceil(waitMs / 1000)} s`);
    const { perDay } = this.#config;
    if (perDay === undefined) return wanted;
    const granted = await this.#options.quota.take(this.name, wanted, perDay);
    return granted === 0 ? this.#quotaUsed() : granted;
  }

  async #carryOut({ request, values }: Step): Promise<StepResult> {
    const made = templateRequest(this.#withHeaders(request), values, 'PUT');
    try {
      return this.#resultOf(await this.#http.send(made), made.method);
    } catch (error) {
      return { failed: this.#away(messageOf(error), error) };
    }
  }

  /** Headers of the connector hold for every request that has none of that name. */
  #withHeaders(request: RequestTemplate): RequestTemplate {
    return { ...request, headers: { ...this.#config.headers, ...request.headers } };
  }

  #resultOf(answer: HttpAnswer, method: string): StepResult {
    const { status, retryAfterMs } = answer;
    if (status < 300 || (status === 404 && method === 'DELETE') || status === 410) {
      return { refused: null };
    }
    const isTheirs = status >= 500 || [401, 403, 408, 409, 425, 429].includes(status);
    if (!isTheirs) return { refused: `http.${status}` };
    if (status === 429 || retryAfterMs !== null) {
      this.#notBeforeMs = this.#options.now() + (retryAfterMs ?? WAIT_WHEN_BUSY_MS);
    }
    return { failed: this.#away(`it answers ${status}`) };
  }

  async #list(
    { url, headers, items, flag, account }: NonNullable<RestCrmConfig['list']>,
    after: FlagKey | undefined,
    limit: number,
  ): Promise<AccountFlag[]> {
    const values = {
      afterSubscriber: after?.subscriberId ?? 0,
      afterIncident: after?.incidentId ?? '',
      limit,
    };
    const body = await this.#get(url, headers ?? {}, values);
    const found = atPath(body, items);
    if (!Array.isArray(found)) throw this.#away(`its list has nothing at ${items}`);
    return found.map((each) => {
      const held = atPath(each, flag);
      const value: unknown = typeof held === 'string' ? parseBody(held) : held;
      if (!Value.Check(CrmFlag, value))
        throw this.#away(`an entry of its list has no flag at ${flag}`);
      return { account: textAt(each, account) ?? '', flag: value };
    });
  }

  async #get(
    url: string,
    headers: Readonly<Record<string, string>>,
    values: TemplateValues,
  ): Promise<unknown> {
    const granted = await this.#leave(1);
    if (granted instanceof TocsinError) throw granted;
    const request = templateRequest(this.#withHeaders({ url, headers }), values, 'GET');
    let answer: HttpAnswer;
    try {
      answer = await this.#http.send(request);
    } catch (error) {
      throw this.#away(messageOf(error), error);
    }
    const result = this.#resultOf(answer, 'GET');
    if ('failed' in result) throw result.failed;
    if (result.refused !== null) throw this.#away(`it answers ${answer.status}`);
    return parseBody(answer.text);
  }

  #quotaUsed(): TocsinError {
    return this.#away(`the ${this.#config.perDay} requests of today are used up`);
  }

  #away(why: string, cause?: unknown): TocsinError {
    return new TocsinError('unavailable.crm', `CRM ${this.name}: ${why}`, { cause });
  }
}

/** One request a flag, or a bulk request for several. */
function stepsOf(
  items: readonly { readonly key: FlagKey; readonly values: TemplateValues }[],
  single: RestCrmRequest,
  bulk: RestCrmBulk | undefined,
): Step[] {
  if (bulk === undefined) {
    return items.map(({ key, values }) => ({ request: single, keys: [key], values }));
  }
  const steps: Step[] = [];
  for (let from = 0; from < items.length; from += bulk.size) {
    const some = items.slice(from, from + bulk.size);
    const list = some.map(({ values }) => filled(bulk.item as Json, values) ?? null);
    const key = digest(some.map(({ values }) => String(values.key)).join());
    steps.push({
      request: { method: 'POST', ...bulk },
      keys: some.map((each) => each.key),
      values: { items: list, key },
    });
  }
  return steps;
}

/** Names one push of one flag for good: another flag, or the same one later, has another name. */
function keyOf(connector: string, intent: string, what: object): string {
  return digest(`${connector}\n${intent}\n${JSON.stringify(what)}`);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
