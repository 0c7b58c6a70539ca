import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadYaml, parseYaml } from '../../src/adapters/rules/load-yaml.js';
import { createCorrelate } from '../../src/correlate/correlate.js';
import { CorrelationRules, checkCorrelationRules } from '../../src/correlate/rules.js';
import { loadRules } from './small-network.js';

const FILE = fileURLToPath(new URL('../../rules/correlation.yaml', import.meta.url));

describe('rules/correlation.yaml', () => {
  it('as shipped fits its schema and does not contradict itself', () => {
    expect(checkCorrelationRules(loadYaml(FILE, CorrelationRules))).toEqual([]);
  });

  it('documents every key on the line above it or for its group', () => {
    const lines = readFileSync(FILE, 'utf8').split('\n');
    const bare = lines.filter((line, i) => {
      const key = /^ {2}[a-zA-Z]+:/.test(line);
      const before = lines[i - 1] ?? '';
      return key && !before.trim().startsWith('#') && !/^ {2}[a-zA-Z]+:/.test(before);
    });
    const groups = ['works', 'severity', 'repair', 'life', 'silence', 'alarms', 'evidence'];
    expect(bare.filter((line) => !groups.some((group) => line.includes(group)))).toEqual([]);
  });

  it.each([
    ['decisionSeconds: 5', 'decisionSeconds: 0', /correlation\.yaml:\d+:\d+.*decisionSeconds/],
    ['openAbove: 0.95', 'openAbove: 2', /openAbove/],
    ['neverOpens:', 'neverOpen:', /neverOpen/],
    ['criticalCells: 50', 'criticalCells: many', /criticalCells/],
  ])('refuses %s made %s with file, line and column', (from, to, message) => {
    const text = readFileSync(FILE, 'utf8').replace(from, to);
    expect(() => parseYaml(text, 'rules/correlation.yaml', CorrelationRules)).toThrow(message);
  });

  it.each([
    ['evidence', 'suspectAbove', { suspectAbove: 0.99 }],
    ['alarms', 'longestHoldSeconds', { longestHoldSeconds: 1 }],
    ['life', 'longestResolveSeconds', { longestResolveSeconds: 1 }],
    ['severity', 'majorCells', { majorCells: 0.1 }],
  ] as const)('says that %s.%s contradicts another key', (group, key, change) => {
    const rules = loadRules();
    const wrong = { ...rules, [group]: { ...rules[group], ...change } };
    expect(checkCorrelationRules(wrong).map(({ path }) => path)).toContainEqual([group, key]);
    const none = { sites: [], cells: [], links: [], neighbours: [], works: [] };
    expect(() => createCorrelate(none, wrong)).toThrow(`${group}.${key} must be at`);
  });
});
