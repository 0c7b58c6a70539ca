import { fileURLToPath } from 'node:url';
import type { DeadLetter, Fact } from '../../src/domain/facts.js';
import type { Feed } from '../../src/domain/feed.js';
import type { KpiRules, ReportBlock } from '../../src/domain/kpi.js';
import type { CompiledFeed } from '../../src/sources/compiled-feed.js';
import type { DecodeContext } from '../../src/sources/decode.js';
import { compileFeed, loadFeed } from '../../src/sources/feed-loader.js';
import type { AliasResolver } from '../../src/sources/ports.js';

/** 2026-01-01T00:00:00Z */
export const T0 = Date.UTC(2026, 0, 1);

const RULES: KpiRules = {
  version: 1,
  kpis: {
    setup: { kind: 'ratio', unit: 'ratio', range: [0, 1], bad: 'low' },
    users: { kind: 'count', unit: 'users', range: [0, 1000], bad: 'low', traffic: true },
    throughput: { kind: 'gauge', unit: 'Mbit/s', range: [0, 500], bad: 'low' },
  },
};

/** A feed of three KPIs; `changes` replaces keys of it. */
export function smallFeed(changes: Partial<Feed> = {}, rules = RULES): CompiledFeed {
  return compileFeed(
    {
      format: 'json',
      kind: 'kpi',
      time: { column: 'time' },
      period: '15m',
      object: { column: 'cell', type: 'cell' },
      kpis: {
        setup: { successes: 'ok', attempts: 'tried' },
        users: { column: 'users' },
        throughput: { column: 'mbps' },
      },
      ...changes,
    },
    'small',
    rules,
  );
}

/** The same for line protocol, measurement `m`. */
export function smallLineFeed(changes: Partial<Feed> = {}): CompiledFeed {
  return smallFeed({ format: 'lineProtocol', measurement: 'm', ...changes });
}

/** A feed shipped under `rules/feeds`. */
export function shippedFeed(name: string): Promise<CompiledFeed> {
  return loadFeed(fileURLToPath(new URL(`../../rules/feeds/${name}.yaml`, import.meta.url)));
}

/** An inventory that knows everything and no alias. */
export const openInventory: AliasResolver = { resolve: () => undefined, isKnown: () => true };

/** A context whose dead letters are kept in `letters`. */
export function recording(
  changes: Partial<DecodeContext> = {},
): DecodeContext & { readonly letters: DeadLetter[] } {
  const letters: DeadLetter[] = [];
  return {
    aliases: openInventory,
    deadLetters: { record: (letter) => letters.push(letter) },
    source: 'file',
    ...changes,
    letters,
  };
}

/** The report blocks among facts. */
export function blocks(facts: readonly Fact[]): ReportBlock[] {
  return facts.flatMap((fact) => (fact.kind === 'reports' ? [fact.block] : []));
}

/** One row of a block in words, absent KPIs left out. */
export function row(block: ReportBlock | undefined, index: number): Record<string, unknown> {
  if (block === undefined) throw new Error('there is no block');
  const width = block.kpis.length;
  const found: Record<string, unknown> = {
    id: block.objectIds[index],
    at: block.periodStartMs[index],
  };
  for (const [k, name] of block.kpis.entries()) {
    const value = block.values[index * width + k] ?? Number.NaN;
    const attempts = block.attempts[index * width + k] ?? Number.NaN;
    if (!Number.isNaN(value)) found[name] = value;
    if (!Number.isNaN(attempts)) found[`${name}.attempts`] = attempts;
  }
  return found;
}

export const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');
