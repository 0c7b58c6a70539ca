import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Whether a real data set is there; when it is not, prints one line with where it would have to be,
 * so that a skip is never silent.
 */
export function hasData(place: URL): boolean {
  const path = fileURLToPath(place);
  if (existsSync(path)) return true;
  process.stderr.write(`skipped: a test on real data. To enable it: put the data at ${path}\n`);
  return false;
}
