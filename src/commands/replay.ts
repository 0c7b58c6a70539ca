import { join } from 'node:path';
import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { loadYaml } from '../adapters/rules/load-yaml.js';
import { callerPath, installFolder } from '../config.js';
import { createCorrelate } from '../correlate/correlate.js';
import { CorrelationRules } from '../correlate/rules.js';
import { createDetect } from '../detect/detect.js';
import { DetectionRules } from '../detect/rules.js';
import { TocsinError } from '../domain/errors.js';
import type { Fact } from '../domain/facts.js';
import type { LaneSpec } from '../domain/lane.js';
import type { TopologyRows } from '../domain/topology-rows.js';
import { type ReplayProgress, replay } from '../replay.js';
import { findReplayInput, type ReplayInput, sitesFromFeeds } from '../replay-input.js';
import { type ReplayReport, ReplayReporter } from '../replay-report.js';
import { describeReplay } from '../replay-summary.js';
import { readTopologyFiles } from '../replay-topology.js';
import { type CompiledFeed, isHiddenKpi } from '../sources/compiled-feed.js';
import { loadKpiRules } from '../sources/feed-loader.js';
import { readFeedFile } from '../sources/file-source.js';

interface ReplayFlags {
  readonly feed: readonly string[];
  readonly topology: readonly string[];
  readonly hide?: string;
  readonly rules?: string;
  readonly json?: boolean;
}

const gather = (value: string, earlier: readonly string[]): string[] => [...earlier, value];

/** Adds `replay`: history through sources, detection and correlation in event time, no effects. */
export function registerReplay(program: Command): void {
  program
    .command('replay')
    .description('history through sources, detect and correlate in event time; no effects')
    .argument('<path...>', 'files, or a folder that `tocsin simulate` wrote')
    .option('--feed <file>', 'feed that reads the files; repeats', gather, [])
    .option('--topology <file>', 'inventory CSV, known by its header; repeats', gather, [])
    .option('--hide <kpis>', 'KPIs to leave out, separated by commas')
    .option('--rules <folder>', 'detection.yaml, correlation.yaml, kpis.yaml; default: as shipped')
    .option('--json', 'print one JSON document')
    .action(runReplay);
}

async function runReplay(paths: readonly string[], flags: ReplayFlags): Promise<void> {
  const rules = flags.rules === undefined ? join(installFolder, 'rules') : callerPath(flags.rules);
  const input = await findReplayInput(
    paths.map(callerPath),
    flags.feed.map(callerPath),
    loadKpiRules(join(rules, 'kpis.yaml')),
  );
  const lanes = visibleLanes(input.feeds, flags.hide);
  const reporter = new ReplayReporter();
  const facts = await readFacts(input, reporter);
  const topology = await topologyOf(input, flags.topology.map(callerPath), facts);
  const bar = new ReplayBar();
  const detection = loadYaml(join(rules, 'detection.yaml'), DetectionRules);
  const stages = {
    detect: createDetect(lanes, detection),
    correlate: createCorrelate(
      topology,
      loadYaml(join(rules, 'correlation.yaml'), CorrelationRules),
      lanes,
      { wanted: detection },
    ),
  };
  const totals = await replay(consumed(facts), stages, {
    lanes,
    countedKpis: new Set(lanes.flatMap(({ kpis }) => kpis.map(({ name }) => name))),
    onStep: (step) => reporter.add(step),
    onProgress: (progress) => bar.show(progress),
  }).finally(() => bar.stop());
  print(reporter.report(totals), flags.json === true);
}

/** What detection sees of the feeds. History is complete, so nothing is waited for. */
function visibleLanes(feeds: readonly CompiledFeed[], hide = ''): LaneSpec[] {
  const hidden = hide.split(',').filter((name) => name.trim() !== '');
  for (const name of hidden) {
    const known = feeds.flatMap((feed) => feed.kpis.map((kpi) => ({ feed, kpi })));
    if (known.some(({ feed, kpi }) => isHiddenKpi(feed, kpi, name))) continue;
    const allowed = [...new Set(known.map(({ kpi }) => kpi.name))].join(', ');
    throw new TocsinError('input.option', `--hide ${name}: no feed has it; allowed: ${allowed}`);
  }
  return feeds.flatMap((feed) => {
    if (!feed.lane) return [];
    const kpis = feed.lane.kpis.filter((_, at) => {
      const kpi = feed.kpis[at];
      return !kpi || !hidden.some((name) => isHiddenKpi(feed, kpi, name));
    });
    return [{ ...feed.lane, kpis, latenessSeconds: 0 }];
  });
}

async function readFacts(input: ReplayInput, reporter: ReplayReporter): Promise<Fact[]> {
  const facts: Fact[] = [];
  const context = {
    aliases: { resolve: (_: string, alias: string) => alias, isKnown: () => true },
    deadLetters: { record: ({ reason }: { reason: string }) => reporter.reject(reason) },
    source: 'file' as const,
  };
  for (const { path, feed } of input.files) {
    for await (const fact of readFeedFile(path, feed, context)) facts.push(fact);
  }
  return facts;
}

async function topologyOf(
  input: ReplayInput,
  given: readonly string[],
  facts: readonly Fact[],
): Promise<TopologyRows> {
  const files = [...input.topologyFiles, ...given];
  if (files.length > 0) return readTopologyFiles(files);
  const cells = new Set<string>();
  for (const fact of facts) {
    if (fact.kind !== 'reports' || fact.block.objectType !== 'cell') continue;
    for (const id of fact.block.objectIds) cells.add(id);
  }
  return sitesFromFeeds(input.files, cells);
}

/** Hands facts over one by one and lets go of each. */
function* consumed(facts: Fact[]): Generator<Fact> {
  facts.reverse();
  for (let fact = facts.pop(); fact; fact = facts.pop()) yield fact;
}

/** Progress on standard error, on a terminal only. */
class ReplayBar {
  readonly #bar = new SingleBar({
    format: 'replaying [{bar}] {percentage} %, {eta_formatted} left',
    stream: process.stderr,
    noTTYOutput: false,
  });
  #isStarted = false;

  show({ fromMs, nowMs, untilMs }: ReplayProgress): void {
    if (!process.stderr.isTTY) return;
    if (!this.#isStarted) this.#bar.start(1000, 0);
    this.#isStarted = true;
    this.#bar.update(Math.min(1000, Math.floor((1000 * (nowMs - fromMs)) / (untilMs - fromMs))));
  }

  stop(): void {
    if (this.#isStarted) this.#bar.stop();
  }
}

function print(report: ReplayReport, isJson: boolean): void {
  process.stdout.write(isJson ? `${JSON.stringify(report)}\n` : describeReplay(report));
}
