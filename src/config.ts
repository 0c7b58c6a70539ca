import { resolve } from 'node:path';

/** Resolves a path as the person typed it, against the folder they typed it in. */
export function callerPath(path: string): string {
  return resolve(process.env['INIT_CWD'] ?? process.cwd(), path);
}
