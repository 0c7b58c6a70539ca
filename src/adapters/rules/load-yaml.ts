import { readFileSync } from 'node:fs';
import type { Static, TSchema } from 'typebox';
import { type Document, isMap, isNode, isPair, LineCounter, parseDocument } from 'yaml';
import { messageOf, TocsinError } from '../../domain/errors.js';
import { type Complaint, complaints } from './complaints.js';

/** What a schema cannot say, such as keys that contradict each other; empty when all is well. */
export type Check<Value> = (
  value: Value,
) => readonly { readonly path: readonly string[]; readonly message: string }[];

/**
 * Reads a rules file and holds it against its schema.
 * @throws TocsinError `input.rules`, one line per problem (at most 10):
 * `file:line:column: key … was X, allowed: …`; `input.file` when it cannot be read
 */
export function loadYaml<Schema extends TSchema>(
  path: string,
  schema: Schema,
  check?: Check<Static<Schema>>,
): Static<Schema> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    throw new TocsinError('input.file', `${path}: cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return parseYaml(text, path, schema, check);
}

/** As `loadYaml`, for text already at hand; `path` is only what messages call it. */
export function parseYaml<Schema extends TSchema>(
  text: string,
  path: string,
  schema: Schema,
  check: Check<Static<Schema>> = () => [],
): Static<Schema> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, version: '1.2' });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  const broken = document.errors.map((each) => {
    const what = each.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '');
    return `${place(each.pos[0])}: not valid YAML: ${what}`;
  });
  if (broken.length > 0) throw new TocsinError('input.rules', broken.slice(0, 10).join('\n'));
  const value = toValue(document, path);
  const wrong = complaints(schema, value);
  const contradictions = wrong.length > 0 ? [] : check(value as Static<Schema>);
  const found = [
    ...wrong,
    ...contradictions.map(({ path: keys, message }) => ({
      path: keys,
      text: `${keys.join('.')} ${message}`,
    })),
  ].map((each) => `${place(offsetOf(document, each))}: ${each.text}`);
  if (found.length > 0) throw new TocsinError('input.rules', found.slice(0, 10).join('\n'));
  return value as Static<Schema>;
}

function toValue(document: Document, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new TocsinError('input.rules', `${path}:1:1: ${messageOf(error)}`, { cause: error });
  }
}

/** Where the key stands; of a key that is missing, where its parent does. */
function offsetOf(document: Document, complaint: Complaint): number {
  for (let depth = complaint.path.length; depth > 0; depth--) {
    const parent = document.getIn(complaint.path.slice(0, depth - 1), true);
    const key = complaint.path[depth - 1];
    if (depth === 1 ? isMap(document.contents) : isMap(parent)) {
      const map = depth === 1 ? document.contents : parent;
      if (!isMap(map)) continue;
      const pair = map.items.find((item) => isPair(item) && keyText(item.key) === String(key));
      if (pair !== undefined && isNode(pair.key)) return pair.key.range?.[0] ?? 0;
    }
    const node = document.getIn(complaint.path.slice(0, depth), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return isNode(document.contents) ? (document.contents.range?.[0] ?? 0) : 0;
}

function keyText(key: unknown): string {
  return isNode(key) ? String((key as { value?: unknown }).value) : String(key);
}
