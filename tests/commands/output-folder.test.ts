import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writableFolder } from '../../src/commands/output-folder.js';
import { TocsinError } from '../../src/domain/errors.js';

const dir = mkdtempSync(join(tmpdir(), 'tocsin-folder-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function refusal(path: string): TocsinError | undefined {
  try {
    writableFolder('--out', path);
  } catch (error) {
    if (error instanceof TocsinError) return error;
    throw error;
  }
  return undefined;
}

describe('a folder to write to', () => {
  it('is made with the folders above it, and may be there already', () => {
    const folder = join(dir, 'a', 'b', 'c');
    expect(writableFolder('--out', folder)).toBe(folder);
    expect(existsSync(folder)).toBe(true);
    expect(writableFolder('--out', folder)).toBe(folder);
  });

  it('is refused as bad use where a file has its name, or one above it', () => {
    const file = join(dir, 'file');
    writeFileSync(file, '');
    for (const path of [file, join(file, 'below')]) {
      expect(refusal(path)).toMatchObject({
        code: 'input.option',
        message: `--out ${path} is, or lies below, a file; allowed: a folder that this user may make and write to`,
      });
    }
  });

  it.skipIf(!existsSync('/proc/self'))('is refused, not waited for, where none can be made', () => {
    expect(refusal('/proc/no/such')).toMatchObject({
      code: 'input.option',
      message: expect.stringMatching(/^--out \/proc\/no\/such cannot be written to \(E[A-Z]+\); /),
    });
  });
});
