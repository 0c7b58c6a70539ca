import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installFolder } from '../../../../config.js';
import type { ReportBlock } from '../../../../domain/kpi.js';
import type { LaneSpec } from '../../../../domain/lane.js';
import type { TopologyRows } from '../../../../domain/topology-rows.js';
import { sitesFromFeeds } from '../../../../replay-input.js';
import { ReportQueue } from '../../../../replay-queue.js';
import type { DecodeContext } from '../../../../sources/decode.js';
import { loadFeed, loadKpiRules } from '../../../../sources/feed-loader.js';
import { readFeedFile } from '../../../../sources/file-source.js';

/** Real telemetry as `tocsin replay` reads it. */
export interface RealSet {
  readonly name: string;
  /** nothing is waited for: history is complete */
  readonly lane: LaneSpec;
  readonly rows: TopologyRows;
  readonly objects: readonly string[];
  /** one block per period, ascending, none empty */
  readonly periods: readonly ReportBlock[];
}

/** Names of the sets: a folder of the data each, read by the shipped feed of the same name. */
export const REAL_SETS = ['lte-cells-hourly', 'lte-kpis-hourly', 'lte-network-hourly'] as const;

/** Where a set's telemetry would be. */
export function pathOfSet(name: string): string {
  return join(installFolder, '../shared/data', name, 'telemetry.csv');
}

/** Start of a period's reports, epoch ms. */
export function startOf({ periodStartMs }: ReportBlock): number {
  return periodStartMs[0] ?? Number.NaN;
}

/** Reads a set; undefined where its file is absent. @throws TocsinError as `tocsin replay` does */
export async function readRealSet(name: string): Promise<RealSet | undefined> {
  const path = pathOfSet(name);
  if (!existsSync(path)) return undefined;
  const feed = await loadFeed(join(installFolder, 'rules/feeds', `${name}.yaml`), loadKpiRules());
  if (feed.lane === undefined) return undefined;
  const context: DecodeContext = {
    aliases: { resolve: (_, alias) => alias, isKnown: () => true },
    deadLetters: { record: () => undefined },
    source: 'file',
  };
  const queue = new ReportQueue(feed.lane.periodSeconds);
  for await (const fact of readFeedFile(path, feed, context)) {
    if (fact.kind === 'reports') queue.add(fact.block);
  }
  const periods: ReportBlock[] = [];
  const ended = Number.POSITIVE_INFINITY;
  for (let block = queue.next(ended); block; block = queue.next(ended)) periods.push(block);
  const objects = [...new Set(periods.flatMap(({ objectIds }) => objectIds))].sort();
  const cells = feed.lane.objectType === 'cell' ? objects : [];
  const rows = await sitesFromFeeds([{ path, feed }], cells);
  return { name, lane: { ...feed.lane, latenessSeconds: 0 }, rows, objects, periods };
}
