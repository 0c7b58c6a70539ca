/** NUL, and halves of surrogate pairs: JSON can spell them, no database column holds them. */
const UNSTORABLE = /[\0\p{Surrogate}]/u;

/** What is allowed of every text from outside, for the sentence that refuses one. */
export const STORABLE_TEXT = 'text without NUL and without half a surrogate pair';

/** Whether a text from outside can be stored, and hence journalled, as it is. */
export function isStorable(text: string): boolean {
  return !UNSTORABLE.test(text);
}

/**
 * First text in a JSON value that cannot be stored, names of members among them; bytes and other
 * objects of classes are passed over.
 * @returns its path; empty for the value itself, undefined when all can be stored
 */
export function unstorablePath(value: unknown): (string | number)[] | undefined {
  if (typeof value === 'string') return isStorable(value) ? undefined : [];
  if (Array.isArray(value)) return firstOf(value.entries());
  if (value === null || typeof value !== 'object') return undefined;
  const kind: unknown = Object.getPrototypeOf(value);
  return kind === Object.prototype || kind === null ? firstOf(Object.entries(value)) : undefined;
}

function firstOf(
  entries: Iterable<readonly [string | number, unknown]>,
): (string | number)[] | undefined {
  for (const [key, item] of entries) {
    if (typeof key === 'string' && !isStorable(key)) return [key];
    const path = unstorablePath(item);
    if (path !== undefined) return [key, ...path];
  }
  return undefined;
}
