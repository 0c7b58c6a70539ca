import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadYaml } from '../adapters/rules/load-yaml.js';
import { TocsinError } from '../domain/errors.js';
import { Feed, type FeedKpi } from '../domain/feed.js';
import { type KpiDefinition, KpiRules } from '../domain/kpi.js';
import type { LaneSpec } from '../domain/lane.js';
import type { CompiledFeed, CompiledKpi } from './compiled-feed.js';
import { durationSeconds } from './durations.js';
import { timeReader } from './read-time.js';
import { recordMapper } from './record-mapper.js';

const DEFAULT_LATENESS = '5m';

/**
 * Reads the catalogue of standard KPIs.
 * @param path default: the `rules/kpis.yaml` that is shipped
 * @throws TocsinError `input.rules` with file, line and column
 */
export function loadKpiRules(path: string = shippedKpis()): KpiRules {
  return loadYaml(path, KpiRules);
}

/** From `src/sources` the rules are two folders up, from the compiled `dist/src/sources` three. */
function shippedKpis(): string {
  const candidates = ['../../rules/kpis.yaml', '../../../rules/kpis.yaml'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  return candidates.find((path) => existsSync(path)) ?? candidates.join(' or ');
}

/**
 * Reads and checks one feed file. Its name is what it says of itself, else the file's name.
 * @throws TocsinError `input.file` when it cannot be read, `input.rules` when it is wrong: with
 *   line and column for what YAML and the schema see, with the key for what only makes no sense
 */
export async function loadFeed(
  path: string,
  kpis: KpiRules = loadKpiRules(),
): Promise<CompiledFeed> {
  const feed = loadYaml(path, Feed);
  const name = feed.name ?? basename(path).replace(/\.ya?ml$/, '');
  try {
    return compileFeed(feed, name, kpis);
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error;
    throw new TocsinError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}

/**
 * Makes a feed ready for decoding.
 * @param kpis definitions of KPIs that the feed names without describing them
 * @throws TocsinError `input.rules` naming the key, what it says and what is allowed
 */
export function compileFeed(feed: Feed, name: string, kpis: KpiRules): CompiledFeed {
  const readTime = timeReader(feed.time?.format, feed.time?.zone);
  if (feed.kind !== 'kpi') {
    const compiled = { name, feed, kpis: [], columns: [], readTime };
    recordMapper(compiled); // throws for a field that cannot be read
    return compiled;
  }
  const columns: string[] = [];
  const compiled = Object.entries(feed.kpis ?? {}).map(([kpi, source]) =>
    compileKpi(kpi, source, kpis.kpis[kpi], columns),
  );
  if (compiled.length === 0) {
    throw new TocsinError('input.rules', 'kpis: a feed of kind kpi names at least one KPI');
  }
  return { name, feed, lane: laneOf(feed, name, compiled), kpis: compiled, columns, readTime };
}

function laneOf(feed: Feed, name: string, kpis: readonly CompiledKpi[]): LaneSpec {
  const { object, time } = feed;
  if (feed.period === undefined) {
    throw new TocsinError('input.rules', 'period: missing; say how long one report covers, as 15m');
  }
  if (object === undefined || (object.column === undefined) === (object.id === undefined)) {
    throw new TocsinError(
      'input.rules',
      'object: say either the column that holds the id, or the fixed id of the one object',
    );
  }
  if (time === undefined && feed.format !== 'lineProtocol') {
    throw new TocsinError('input.rules', 'time: missing; say the column that holds the time');
  }
  return {
    feed: name,
    collector: feed.collector ?? name,
    objectType: object.type,
    periodSeconds: durationSeconds(feed.period),
    latenessSeconds: durationSeconds(feed.lateness ?? DEFAULT_LATENESS),
    zone: time?.zone ?? 'UTC',
    holidays: feed.holidays ?? [],
    kpis: kpis.map(({ name: kpi, definition }) => ({ name: kpi, definition })),
  };
}

function compileKpi(
  name: string,
  source: FeedKpi,
  standard: KpiDefinition | undefined,
  columns: string[],
): CompiledKpi {
  const definition = define(name, source, standard);
  const { column, successes, attempts, scale } = source;
  const hasCounters = successes !== undefined && attempts !== undefined;
  if (
    (column === undefined) === (successes === undefined) ||
    (successes === undefined) !== (attempts === undefined)
  ) {
    throw new TocsinError(
      'input.rules',
      `kpis.${name}: say either column, or both successes and attempts`,
    );
  }
  if (hasCounters && definition.kind !== 'ratio') {
    throw new TocsinError(
      'input.rules',
      `kpis.${name}: successes and attempts make a ratio, but its kind is ${definition.kind}`,
    );
  }
  const indexes = (names: string | readonly string[] | undefined): number[] =>
    names === undefined ? [] : [names].flat().map((each) => indexOf(columns, each));
  return {
    name,
    definition,
    column: indexes(column)[0] ?? -1,
    successes: indexes(successes),
    attempts: indexes(attempts),
    scale: scale ?? 1,
  };
}

function indexOf(columns: string[], name: string): number {
  const known = columns.indexOf(name);
  return known >= 0 ? known : columns.push(name) - 1;
}

function define(name: string, source: FeedKpi, standard: KpiDefinition | undefined): KpiDefinition {
  const { column, successes, attempts, scale, ...said } = source;
  const { kind, unit, bad, ...rest } = { ...standard, ...said };
  if (kind === undefined || unit === undefined || bad === undefined) {
    throw new TocsinError(
      'input.rules',
      `kpis.${name}: rules/kpis.yaml does not know it, so kind (ratio, gauge, count), unit and bad (low, high, both) must be said here`,
    );
  }
  if (rest.range !== undefined && !(rest.range[0] < rest.range[1])) {
    throw new TocsinError('input.rules', `kpis.${name}.range: the first must be below the second`);
  }
  return { kind, unit, bad, ...rest };
}
