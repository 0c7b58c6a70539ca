import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** One source file under its path from `src`, such as `detect/lane.ts`. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const STAGES = ['detect', 'correlate', 'impact', 'forecast', 'notify', 'crm'];

/** What a folder may import besides its own files: folders, or single files such as `notify/ports`. */
const ALLOWED: Record<string, readonly string[]> = {
  domain: [],
  ...Object.fromEntries(STAGES.map((stage) => [stage, ['domain']])),
  sources: ['domain', 'adapters/rules'],
  adapters: ['domain', '*/ports', ...STAGES, 'sources', 'runtime/ports'],
  runtime: ['domain', '*/ports', 'pipeline', ...STAGES],
  api: ['domain', '*/ports', 'sources', 'runtime/health'],
};

const PURE = ['domain', ...STAGES];
const IMPURE: readonly [RegExp, string][] = [
  [/from 'node:/, 'imports a node: module'],
  [/\bDate\.now\b/, 'reads the clock (Date.now)'],
  [/\bnew Date\(\s*\)/, 'reads the clock (new Date())'],
  [/\bperformance\./, 'reads the clock (performance)'],
  [/\bMath\.random\b/, 'draws randomness (Math.random)'],
  [/\bprocess\./, 'reads process'],
];

/** Every TypeScript file below a folder, the dashboard (a program of its own) left out. */
export function sourceFiles(root: string): SourceFile[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !path.startsWith('dashboard'))
    .map((path) => ({
      path: path.replaceAll('\\', '/'),
      text: readFileSync(join(root, path), 'utf8'),
    }));
}

/** Relative imports of a file, as paths from `src` without extension. */
function importsOf(file: SourceFile): string[] {
  const found = file.text.matchAll(/(?:from|import\()\s*'(\.[^']*)'/g);
  return [...found].map(([, to = '']) =>
    posix.join(posix.dirname(file.path), to).replace(/\.(js|ts)$/, ''),
  );
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
}

function mayImport(folder: string, target: string): boolean {
  const allowed = ALLOWED[folder];
  if (allowed === undefined) return true; // main, config, pipeline, commands: the wiring
  return (
    target.startsWith(`${folder}/`) ||
    allowed.some((rule) =>
      rule === '*/ports'
        ? /(^|\/)ports$/.test(target)
        : target === rule || target.startsWith(`${rule}/`),
    )
  );
}

/** Breaches of the layer table and of purity, one sentence each. @throws on an empty list */
export function violations(files: readonly SourceFile[]): string[] {
  if (files.length === 0)
    throw new Error('no source files were read: the check would pass on nothing');
  const found: string[] = [];
  for (const file of files) {
    const folder = file.path.split('/')[0] ?? '';
    for (const target of importsOf(file)) {
      if (!mayImport(folder, target)) found.push(`${file.path} imports ${target}`);
    }
    if (!PURE.includes(folder)) continue;
    const code = withoutComments(file.text);
    for (const [pattern, what] of IMPURE)
      if (pattern.test(code)) found.push(`${file.path} ${what}`);
  }
  return found;
}
