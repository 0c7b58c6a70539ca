import type { HttpRequest } from './http-client.js';
import {
  filled,
  filledForm,
  filledHeaders,
  filledUrl,
  type Json,
  type TemplateValues,
} from './template.js';

/** A request as a configuration describes it; a text in it may hold places. */
export interface RequestTemplate {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
}

/**
 * The request that a template makes of some values: JSON, else a form, else without a body.
 * @param otherwise the method where the template names none
 */
export function templateRequest(
  { url, method, headers = {}, json, form }: RequestTemplate,
  values: TemplateValues,
  otherwise: string,
): HttpRequest {
  const [type, body] =
    json !== undefined
      ? ['application/json', JSON.stringify(filled(json as Json, values))]
      : form !== undefined
        ? ['application/x-www-form-urlencoded', filledForm(form, values)]
        : [undefined, null];
  return {
    method: method ?? otherwise,
    url: filledUrl(url, values),
    headers: {
      ...(type === undefined ? {} : { 'content-type': type }),
      ...filledHeaders(headers, values),
    },
    body: body ?? null,
  };
}
