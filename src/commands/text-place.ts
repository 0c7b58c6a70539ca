import { readFileSync } from 'node:fs';
import { isScalar, LineCounter, parseDocument } from 'yaml';

/**
 * Where a character first stands in a text of a messages file.
 * @param name key below `sms`
 * @returns `file:line:column`, of the text itself if the character is written in another way
 */
export function findCharacter(path: string, name: string, character: string): string {
  const source = readFileSync(path, 'utf8');
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines });
  const node = document.getIn(['sms', name], true);
  const [from, to] = isScalar(node) && node.range ? node.range : [0, source.length];
  const at = source.slice(from, to).indexOf(character);
  const { line, col } = lines.linePos(from + Math.max(0, at));
  return `${path}:${line}:${col}`;
}
