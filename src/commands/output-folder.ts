import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { TocsinError } from '../domain/errors.js';

/**
 * Makes a folder to write to, with those above it. Each is made by itself: asked for all at once,
 * Node tries for ever where the system refuses folders, as below /proc.
 * @param named what the person gave it as, such as `--out`
 * @returns its absolute path
 * @throws TocsinError `input.option` when it is a file, or cannot be made or written to
 */
export function writableFolder(named: string, path: string): string {
  const folder = resolve(path);
  try {
    make(folder);
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw refusal(named, folder, error as NodeJS.ErrnoException);
  }
  return folder;
}

function make(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  if (found !== undefined) throw Object.assign(new Error('a file'), { code: 'EEXIST' });
  if (dirname(folder) !== folder) make(dirname(folder));
  mkdirSync(folder);
}

function refusal(named: string, folder: string, { code }: NodeJS.ErrnoException): TocsinError {
  const isFile = code === 'EEXIST' || code === 'ENOTDIR';
  const why = isFile ? 'is, or lies below, a file' : `cannot be written to (${code ?? 'unknown'})`;
  return new TocsinError(
    'input.option',
    `${named} ${folder} ${why}; allowed: a folder that this user may make and write to`,
  );
}
