/** A value of a JSON document. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/** What fills the places of a template, by name. */
export type TemplateValues = Readonly<Record<string, Json | undefined>>;

/** Not `${NAME}`, which is a variable of the environment. */
const PLACE = /(?<!\$)\{([a-zA-Z][a-zA-Z0-9]*)\}/g;

/**
 * A template with its places `{name}` filled. A text that is nothing but one place becomes the value
 * itself, a number or a list included; a key whose value is absent is left out.
 */
export function filled(template: Json, values: TemplateValues): Json | undefined {
  if (typeof template === 'string') {
    const whole = /^\{([a-zA-Z][a-zA-Z0-9]*)\}$/.exec(template)?.[1];
    if (whole !== undefined) return values[whole];
    return filledText(template, values, (text) => text);
  }
  if (Array.isArray(template)) {
    return template.flatMap((each: Json) => filled(each, values) ?? []);
  }
  if (template === null || typeof template !== 'object') return template;
  const entries = Object.entries(template).flatMap(([key, value]) => {
    const found = filled(value, values);
    return found === undefined ? [] : [[key, found] as const];
  });
  return Object.fromEntries(entries);
}

/** A text with its places filled, each value put through `quote`; one that is absent is empty. */
export function filledText(
  template: string,
  values: TemplateValues,
  quote: (text: string) => string,
): string {
  return template.replace(PLACE, (_, name: string) => quote(asText(values[name])));
}

/** An address with its places filled: each value stands for itself and never for a separator. */
export function filledUrl(template: string, values: TemplateValues): string {
  return filledText(template, values, encodeURIComponent);
}

/**
 * Headers with their places filled; line breaks cannot start another header. One that is nothing but a
 * place without a value is left out.
 */
export function filledHeaders(
  headers: Readonly<Record<string, string>>,
  values: TemplateValues,
): Record<string, string> {
  const plain = (text: string): string => text.replace(/[\r\n]+/g, ' ');
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      filled(value, values) === undefined
        ? []
        : [[name.toLowerCase(), filledText(value, values, plain)]],
    ),
  );
}

/** A form's fields; what is no text is written as JSON. */
export function filledForm(fields: Json, values: TemplateValues): string {
  const form = new URLSearchParams();
  const all = filled(fields, values);
  if (all !== null && typeof all === 'object') {
    for (const [name, value] of Object.entries(all)) form.append(name, asText(value as Json));
  }
  return form.toString();
}

/** Names of all places in a template, each once. */
export function placesOf(template: Json): string[] {
  const found = JSON.stringify(template).matchAll(PLACE);
  return [...new Set([...found].map(([, name = '']) => name))];
}

/** The value at a path such as `messages.0.id`; undefined where there is none. */
export function atPath(value: unknown, path: string): unknown {
  let found = value;
  for (const key of path === '' ? [] : path.split('.')) {
    if (found === null || typeof found !== 'object' || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<string, unknown>)[key];
  }
  return found;
}

/** As `atPath`, as text; undefined for nothing, an empty text, a list or a map. */
export function textAt(value: unknown, path: string): string | undefined {
  const found = atPath(value, path);
  if (typeof found === 'number' || typeof found === 'boolean') return String(found);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** Text as JSON, or as a form where it is none; undefined for what is neither. */
export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    if (/^[^=&\s]+=[^=]*(&|$)/.test(text)) return Object.fromEntries(new URLSearchParams(text));
    return undefined;
  }
}

function asText(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
