import type { Fact } from '../../domain/facts.js';
import { shardOf } from '../../domain/ids.js';
import type { ReportBlock } from '../../domain/kpi.js';
import {
  CONTROL_STREAM,
  PRESENCE_STREAM,
  type StreamFacts,
  telemetryStream,
} from '../../runtime/ports.js';

/** Larger blocks are cut, so that a reader can take the journal in small bites. */
const MOST_ROWS = 16_384;
/** A run of blocks with this many rows makes a fact worth its overhead: adding to it only copies. */
const ENOUGH_ROWS = 2048;
const MOST_ITEMS = 4096;

/**
 * Facts by stream, in order: reports to their object's shard, ticks to every stream, sightings to
 * `presence`, the rest to `control`. Neighbours of one kind and shape become one fact, so that a
 * thousand small pushes do not become a thousand journal rows.
 */
export function routeFacts(facts: readonly Fact[], shards: number): StreamFacts[] {
  const streams = new Map<string, Fact[]>();
  const add = (stream: string, fact: Fact): void => {
    const before = streams.get(stream);
    if (before === undefined) streams.set(stream, [fact]);
    else before.push(fact);
  };
  for (const fact of facts) {
    if (fact.kind === 'tick') {
      for (let shard = 0; shard < shards; shard++) add(telemetryStream(shard), fact);
      add(CONTROL_STREAM, fact);
      add(PRESENCE_STREAM, fact);
    } else if (fact.kind === 'reports') {
      for (const { shard, block } of splitByShard(fact.block, shards)) {
        add(telemetryStream(shard), { kind: 'reports', block });
      }
    } else add(fact.kind === 'presence' ? PRESENCE_STREAM : CONTROL_STREAM, fact);
  }
  return [...streams].map(([stream, own]) => ({ stream, facts: merge(own) }));
}

function splitByShard(block: ReportBlock, shards: number): { shard: number; block: ReportBlock }[] {
  if (shards === 1) return [{ shard: 0, block }];
  const rows = Array.from({ length: shards }, () => [] as number[]);
  for (const [row, objectId] of block.objectIds.entries()) {
    rows[shardOf(objectId, shards)]?.push(row);
  }
  return rows.flatMap((own, shard) =>
    own.length === 0 ? [] : [{ shard, block: pick(block, own) }],
  );
}

function pick(block: ReportBlock, rows: readonly number[]): ReportBlock {
  if (rows.length === block.rows) return block;
  const width = block.kpis.length;
  const periodStartMs = new Float64Array(rows.length);
  const values = new Float64Array(rows.length * width);
  const attempts = new Float64Array(rows.length * width);
  const objectIds = rows.map((row, place) => {
    periodStartMs[place] = block.periodStartMs[row] ?? Number.NaN;
    values.set(block.values.subarray(row * width, (row + 1) * width), place * width);
    attempts.set(block.attempts.subarray(row * width, (row + 1) * width), place * width);
    return block.objectIds[row] ?? '';
  });
  return { ...block, rows: rows.length, objectIds, periodStartMs, values, attempts };
}

function merge(facts: readonly Fact[]): Fact[] {
  const merged: Fact[] = [];
  let run: Fact[] = [];
  let size = 0;
  const close = (): void => {
    if (run.length > 0) merged.push(...combine(run));
    run = [];
    size = 0;
  };
  for (const fact of facts) {
    const first = run[0];
    if (first !== undefined && (isEnough(fact, size) || !fits(first, fact))) close();
    run.push(fact);
    size += sizeOf(fact);
  }
  close();
  return merged;
}

function isEnough(next: Fact, size: number): boolean {
  if (next.kind !== 'reports') return size + sizeOf(next) > MOST_ITEMS;
  return size >= ENOUGH_ROWS || size + sizeOf(next) > MOST_ROWS;
}

function sizeOf(fact: Fact): number {
  if (fact.kind === 'reports') return fact.block.rows;
  return fact.kind === 'tick' ? 1 : fact.items.length;
}

function fits(a: Fact, b: Fact): boolean {
  if (a.kind !== 'reports' || b.kind !== 'reports') return a.kind === b.kind && a.kind !== 'tick';
  return (
    a.block.feed === b.block.feed &&
    a.block.objectType === b.block.objectType &&
    a.block.periodSeconds === b.block.periodSeconds &&
    (a.block.kpis === b.block.kpis || a.block.kpis.join('\n') === b.block.kpis.join('\n'))
  );
}

function combine(run: readonly Fact[]): Fact[] {
  const [first] = run;
  if (first === undefined || first.kind === 'tick') return [...run];
  if (first.kind === 'reports') {
    const blocks = run.flatMap((fact) => (fact.kind === 'reports' ? [fact.block] : []));
    return cut(blocks.length === 1 ? first.block : join(blocks, first.block)).map((block) => ({
      kind: 'reports',
      block,
    }));
  }
  if (run.length === 1) return [first];
  const items = run.flatMap((fact) => ('items' in fact ? [...fact.items] : []));
  return [{ kind: first.kind, items } as Fact];
}

function join(blocks: readonly ReportBlock[], shape: ReportBlock): ReportBlock {
  const rows = blocks.reduce((sum, block) => sum + block.rows, 0);
  const width = shape.kpis.length;
  const periodStartMs = new Float64Array(rows);
  const values = new Float64Array(rows * width);
  const attempts = new Float64Array(rows * width);
  const objectIds: string[] = [];
  for (const block of blocks) {
    const at = objectIds.length;
    periodStartMs.set(block.periodStartMs, at);
    values.set(block.values, at * width);
    attempts.set(block.attempts, at * width);
    for (const id of block.objectIds) objectIds.push(id);
  }
  return { ...shape, rows, objectIds, periodStartMs, values, attempts };
}

function cut(block: ReportBlock): ReportBlock[] {
  if (block.rows <= MOST_ROWS) return [block];
  const width = block.kpis.length;
  const blocks: ReportBlock[] = [];
  for (let from = 0; from < block.rows; from += MOST_ROWS) {
    const to = Math.min(block.rows, from + MOST_ROWS);
    blocks.push({
      ...block,
      rows: to - from,
      objectIds: block.objectIds.slice(from, to),
      periodStartMs: block.periodStartMs.subarray(from, to),
      values: block.values.subarray(from * width, to * width),
      attempts: block.attempts.subarray(from * width, to * width),
    });
  }
  return blocks;
}
