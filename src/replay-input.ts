import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { TocsinError } from './domain/errors.js';
import type { KpiRules } from './domain/kpi.js';
import type { CellRow, TopologyRows } from './domain/topology-rows.js';
import type { CompiledFeed } from './sources/compiled-feed.js';
import { openCsv } from './sources/csv-rows.js';
import { loadFeed } from './sources/feed-loader.js';

/** One file to replay and the feed that reads it. */
export interface ReplayFile {
  readonly path: string;
  readonly feed: CompiledFeed;
}

/** Everything a replay reads. */
export interface ReplayInput {
  readonly files: readonly ReplayFile[];
  /** each feed once */
  readonly feeds: readonly CompiledFeed[];
  readonly topologyFiles: readonly string[];
}

const TOPOLOGY_FILES = ['sites.csv', 'cells.csv', 'links.csv', 'neighbours.csv', 'works.csv'];
const ENDINGS = ['csv', 'ndjson', 'json', 'lp', 'csv.gz', 'ndjson.gz'];
const READ_KINDS = ['kpi', 'alarm', 'ticket', 'calls', 'counts'];
/** Kinds that a folder need not have a file of: what customers do only adds to what the network says. */
const OPTIONAL_KINDS = ['calls', 'counts'];

/**
 * Works out which feed reads which file. A folder that `tocsin simulate` wrote brings its feeds
 * (`feeds/NAME.yaml` reads `NAME.csv` or `NAME.ndjson`) and its topology. For files, one feed reads
 * them all, or as many feeds as files read them in order, or a feed reads the files of its name.
 *
 * @param paths files and folders
 * @throws TocsinError `input.option` or `input.file` naming the path and what is allowed
 */
export async function findReplayInput(
  paths: readonly string[],
  feedFiles: readonly string[],
  kpis: KpiRules,
): Promise<ReplayInput> {
  const given = await Promise.all(feedFiles.map((file) => loadFeed(file, kpis)));
  const files: ReplayFile[] = [];
  const topologyFiles: string[] = [];
  const plain: string[] = [];
  for (const path of paths) {
    if (!existsSync(path)) throw new TocsinError('input.file', `${path}: no such file or folder`);
    if (!statSync(path).isDirectory()) {
      plain.push(path);
      continue;
    }
    files.push(...(await filesOfFolder(path, kpis)));
    topologyFiles.push(
      ...TOPOLOGY_FILES.map((name) => join(path, name)).filter((each) => existsSync(each)),
    );
  }
  files.push(...pairUp(plain, given));
  const feeds = [...new Map(files.map(({ feed }) => [feed.name, feed])).values()];
  const twice = files.find(({ feed }) => !feeds.includes(feed));
  if (twice) {
    throw new TocsinError(
      'input.option',
      `${twice.path}: two feeds are named ${twice.feed.name}; give one another "name"`,
    );
  }
  return { files, feeds, topologyFiles };
}

async function filesOfFolder(folder: string, kpis: KpiRules): Promise<ReplayFile[]> {
  const feedFolder = join(folder, 'feeds');
  if (!existsSync(feedFolder)) {
    throw new TocsinError(
      'input.file',
      `${folder}: a folder to replay has feeds/NAME.yaml beside NAME.csv or NAME.ndjson; give files with --feed otherwise`,
    );
  }
  const names = readdirSync(feedFolder).filter((name) => /\.ya?ml$/.test(name));
  const files: ReplayFile[] = [];
  for (const name of names.sort()) {
    const feed = await loadFeed(join(feedFolder, name), kpis);
    if (!READ_KINDS.includes(feed.feed.kind)) continue;
    const stem = join(folder, name.replace(/\.ya?ml$/, ''));
    const path = ENDINGS.map((ending) => `${stem}.${ending}`).find((each) => existsSync(each));
    if (path === undefined) {
      if (OPTIONAL_KINDS.includes(feed.feed.kind)) continue;
      throw new TocsinError(
        'input.file',
        `${stem}.csv or .ndjson: missing, though feeds/${name} reads it`,
      );
    }
    files.push({ path, feed });
  }
  return files;
}

function pairUp(paths: readonly string[], feeds: readonly CompiledFeed[]): ReplayFile[] {
  const [only] = feeds;
  if (paths.length === 0) {
    if (only === undefined) return [];
    throw new TocsinError('input.option', '--feed: there is no file for it to read');
  }
  if (only === undefined) {
    throw new TocsinError(
      'input.option',
      `${paths[0]}: which feed reads it? Give --feed FEED.yaml`,
    );
  }
  const isInOrder = feeds.length === paths.length;
  return paths.map((path, at) => {
    const named = feeds.find((feed) => stemOf(path) === feed.name);
    const feed = feeds.length === 1 ? only : isInOrder ? feeds[at] : named;
    if (feed) return { path, feed };
    const names = feeds.map(({ name }) => name).join(', ');
    throw new TocsinError(
      'input.option',
      `${path}: no feed is named ${stemOf(path)} (given: ${names}); give one feed, as many as files, or name files after feeds`,
    );
  });
}

function stemOf(path: string): string {
  return basename(path).replace(/\..*$/, '');
}

/**
 * The sites of a replay without inventory: what the feed's `site` column says of CSV files, else
 * every cell is a site of its own.
 * @param cells ids of the cells that reported
 */
export async function sitesFromFeeds(
  files: readonly ReplayFile[],
  cells: Iterable<string>,
): Promise<TopologyRows> {
  const siteOf = new Map<string, string>();
  for (const { path, feed } of files) {
    const { site, object, format, delimiter } = feed.feed;
    if (format !== 'csv' || site === undefined || object?.column === undefined) continue;
    const { header, rows } = await openCsv(path, delimiter ?? ',', () => undefined);
    const cellAt = header.indexOf(object.column);
    const siteAt = header.indexOf(site.column);
    if (cellAt < 0 || siteAt < 0) {
      await rows.return(undefined);
      continue;
    }
    for await (const { row } of rows) siteOf.set(row[cellAt] ?? '', row[siteAt] ?? '');
  }
  const rows = [...cells].sort().map((cellId): CellRow => {
    const siteId = siteOf.get(cellId) ?? '';
    return { cellId, siteId: siteId === '' ? cellId : siteId };
  });
  return { sites: [], cells: rows, links: [], neighbours: [], works: [] };
}
