import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { sourceFiles, violations } from './architecture.js';

const src = fileURLToPath(new URL('../src', import.meta.url));

describe('architecture', () => {
  it('keeps every folder to what it may import and the stages free of clock and chance', () => {
    expect(violations(sourceFiles(src))).toEqual([]);
  });

  it.each([
    ['detect/a.ts', "import { x } from '../correlate/b.js';", 'detect/a.ts imports correlate/b'],
    ['domain/a.ts', "import { x } from '../detect/b.js';", 'domain/a.ts imports detect/b'],
    [
      'notify/a.ts',
      "import { readFileSync } from 'node:fs';",
      'notify/a.ts imports a node: module',
    ],
    ['crm/a.ts', 'const t = Date.now();', 'crm/a.ts reads the clock (Date.now)'],
    ['impact/a.ts', 'const t = new Date();', 'impact/a.ts reads the clock (new Date())'],
    ['forecast/a.ts', 'const r = Math.random();', 'forecast/a.ts draws randomness (Math.random)'],
    ['correlate/a.ts', 'const e = process.env;', 'correlate/a.ts reads process'],
    [
      'runtime/a.ts',
      "import { x } from '../adapters/kafka/b.js';",
      'runtime/a.ts imports adapters/kafka/b',
    ],
  ])('finds a planted violation in %s', (path, text, expected) => {
    expect(violations([{ path, text }])).toEqual([expected]);
  });

  it('fails on an empty file list', () => {
    expect(() => violations([])).toThrow(/no source files/);
  });
});
