import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadYaml } from '../adapters/rules/load-yaml.js';
import { messageOf, TocsinError } from '../domain/errors.js';
import { Feed, type FeedKpi } from '../domain/feed.js';
import { type KpiDefinition, KpiRules } from '../domain/kpi.js';
import type { LaneSpec } from '../domain/lane.js';
import type { CompiledFeed, CompiledKpi } from './compiled-feed.js';
import { durationSeconds } from './durations.js';
import { isClockTime, timeReader } from './read-time.js';
import { recordMapper } from './record-mapper.js';

const DEFAULT_LATENESS = '5m';
const LESSER_FIRST = 'must have the lesser number first';

/**
 * Reads the catalogue of standard KPIs.
 * @param path default: the `rules/kpis.yaml` that is shipped
 * @throws TocsinError `input.rules` with file, line and column
 */
export function loadKpiRules(path: string = shippedKpis()): KpiRules {
  return loadYaml(path, KpiRules, ({ kpis }) =>
    Object.entries(kpis).flatMap(([name, { range }]) =>
      range === undefined || range[0] < range[1]
        ? []
        : [{ path: ['kpis', name, 'range'], message: LESSER_FIRST }],
    ),
  );
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
 * @throws TocsinError `input.file` when it cannot be read, `input.rules` when it is wrong, with
 *   file, line, column and what is allowed
 */
export async function loadFeed(
  path: string,
  kpis: KpiRules = loadKpiRules(),
): Promise<CompiledFeed> {
  const nameOf = (feed: Feed): string => feed.name ?? basename(path).replace(/\.ya?ml$/, '');
  const feed = loadYaml(path, Feed, (read) => {
    try {
      compileFeed(read, nameOf(read), kpis);
      return [];
    } catch (error) {
      if (error instanceof FeedProblem) return [{ path: error.path, message: error.what }];
      throw error;
    }
  });
  return compileFeed(feed, nameOf(feed), kpis);
}

/** What the schema of a feed cannot say: which key is wrong, and what is allowed. */
class FeedProblem extends TocsinError {
  readonly path: readonly string[];
  readonly what: string;

  constructor(path: readonly string[], what: string) {
    super('input.rules', `${path.join('.')} ${what}`);
    this.path = path;
    this.what = what;
  }
}

/** Runs `read`; a complaint of it is one about the key at `path`. */
function at<T>(path: readonly string[], read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof FeedProblem
      ? error
      : new FeedProblem(path, `is wrong: ${messageOf(error)}`);
  }
}

/**
 * Makes a feed ready for decoding.
 * @param kpis definitions of KPIs that the feed names without describing them
 * @throws TocsinError `input.rules` naming the key, what it says and what is allowed
 */
export function compileFeed(feed: Feed, name: string, kpis: KpiRules): CompiledFeed {
  const { time } = feed;
  at(['time', 'zone'], () => timeReader('iso', time?.zone));
  const readTime = at(['time', 'format'], () => timeReader(time?.format, time?.zone));
  if (feed.kind !== 'kpi') {
    const compiled = { name, feed, kpis: [], columns: [], readTime };
    at(['fields'], () => recordMapper(compiled));
    return compiled;
  }
  const columns: string[] = [];
  const compiled = Object.entries(feed.kpis ?? {}).map(([kpi, source]) =>
    compileKpi(kpi, source, kpis.kpis[kpi], columns),
  );
  if (compiled.length === 0) {
    throw new FeedProblem(['kpis'], 'is empty: a feed of kind kpi names at least one KPI');
  }
  return { name, feed, lane: laneOf(feed, name, compiled), kpis: compiled, columns, readTime };
}

function laneOf(feed: Feed, name: string, kpis: readonly CompiledKpi[]): LaneSpec {
  const { object, time, period, lateness = DEFAULT_LATENESS } = feed;
  if (period === undefined) {
    throw new FeedProblem(['period'], 'is missing: say how long one report covers, such as 15m');
  }
  if (object === undefined || (object.column === undefined) === (object.id === undefined)) {
    throw new FeedProblem(
      ['object'],
      'must say either the column that holds the id, or the fixed id of the one object',
    );
  }
  if (time === undefined && feed.format !== 'lineProtocol') {
    throw new FeedProblem(['time'], 'is missing: say the column that holds the time');
  }
  return {
    feed: name,
    collector: feed.collector ?? name,
    objectType: object.type,
    periodSeconds: at(['period'], () => durationSeconds(period)),
    latenessSeconds: at(['lateness'], () => durationSeconds(lateness)),
    zone: time?.zone ?? 'UTC',
    ...(isClockTime(time?.format) ? { hasClockTimes: true } : {}),
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
    throw new FeedProblem(['kpis', name], 'must say either column, or both successes and attempts');
  }
  if (hasCounters && definition.kind !== 'ratio') {
    throw new FeedProblem(
      ['kpis', name],
      `has successes and attempts, which make a ratio, but its kind is ${definition.kind}`,
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
    throw new FeedProblem(
      ['kpis', name],
      'is not in rules/kpis.yaml, so kind (ratio, gauge, count), unit and bad (low, high, both) must be said here',
    );
  }
  if (rest.range !== undefined && !(rest.range[0] < rest.range[1])) {
    throw new FeedProblem(['kpis', name, 'range'], LESSER_FIRST);
  }
  return { kind, unit, bad, ...rest };
}
