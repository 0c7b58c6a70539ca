import { type Figures, rounded } from '../figures.js';
import type { PartOptions, PartResult } from './part.js';
import { groupByAlec } from './peers/alec-dbscan.js';
import { type Candidate, candidatesOf } from './peers/candidates.js';
import { ObjectGraph } from './peers/object-graph.js';
import { scoreGroups } from './peers/score-groups.js';
import { groupBySiteWindow } from './peers/site-window.js';
import type { CaseRun } from './run-case.js';
import { asScored, type Scored, type Totals, totalFigures, totalsOf } from './score-cases.js';
import { asShare, tableLines } from './table.js';

const WINDOW_MINUTES = 15;

type Grouping = (candidates: readonly Candidate[], graph: ObjectGraph) => Candidate[][];

const GROUPINGS: Readonly<Record<string, Grouping>> = {
  siteWindow: (candidates, graph) => groupBySiteWindow(candidates, graph, WINDOW_MINUTES * 60_000),
  alec: groupByAlec,
  alecCellsAtSites: (candidates, graph) =>
    groupByAlec(candidates, graph, (object) => graph.siteOf(object) ?? object),
};

interface Peer {
  readonly name: string;
  readonly group: Grouping;
  /** whether it is spared what is likely no more than a lost report */
  readonly isSpared: boolean;
}

/** Every grouping twice: on all candidates, and spared the doubtful ones. */
const PEERS: readonly Peer[] = Object.entries(GROUPINGS).flatMap(([name, group]) => [
  { name, group, isSpared: false },
  { name: `${name}Spared`, group, isSpared: true },
]);

/** The cases as a peer groups their candidates. */
function scorePeer(runs: readonly CaseRun[], { group, isSpared }: Peer): Totals {
  const graphs = new Map<CaseRun['world'], ObjectGraph>();
  const scored = runs.map((run): Scored => {
    const graph = graphs.get(run.world) ?? new ObjectGraph(run.world.network.rows);
    graphs.set(run.world, graph);
    const { from, to } = run.report;
    const span = { cells: run.world.network.cells.length, from, to };
    const sureNats = run.world.rules.correlation.evidence.sureSilenceNats;
    const groups = group(candidatesOf(run, isSpared ? sureNats : 0), graph);
    return asScored(run, scoreGroups(groups, graph, run.truth, span));
  });
  return totalsOf(scored);
}

const COMPARED = ['precision', 'recall', 'f1', 'ari', 'ariPooled', 'rightCauseFirst'] as const;

function ratiosTo(name: string, ours: Totals, theirs: Totals): Record<string, number> {
  return Object.fromEntries(
    COMPARED.flatMap((figure) => {
      const [own, other] = [ours[figure], theirs[figure]];
      if (own === null || other === null || other === 0) return [];
      return [[`${figure}.${name}`, rounded(own / other, 3) ?? 0]];
    }),
  );
}

/** F1 beside the best of the peers. */
function bestRatio(ours: Totals, theirs: readonly (readonly [string, Totals])[]) {
  const best = Math.max(...theirs.map(([, { f1 }]) => f1 ?? 0));
  return ours.f1 === null || best === 0 ? {} : { 'f1.best': rounded(ours.f1 / best, 3) ?? 0 };
}

function lineOf(name: string, totals: Totals) {
  const { trueIncidents, reported, medianDelaySeconds } = totals;
  const delay = medianDelaySeconds === null ? null : Math.round(medianDelaySeconds);
  return [
    name,
    trueIncidents,
    reported,
    ...COMPARED.map((figure) => asShare(totals[figure])),
    delay,
  ];
}

/**
 * The same candidates, anomalies and alarms, grouped by two rules in use elsewhere: a fixed time
 * window per site, and DBSCAN with the distance of OpenNMS ALEC, which is run twice: hops counted
 * between objects as inventory has them, and with every cell standing at its site. Each is run once
 * more without anomalies so faint that they are likely lost reports (`Spared`), which Tocsin weighs
 * and these rules cannot.
 */
export async function scorePeers(options: PartOptions): Promise<PartResult> {
  const runs = await options.runs();
  const ours = totalsOf(runs.map((run) => asScored(run)));
  const theirs = PEERS.map((peer) => {
    options.progress(peer.name);
    return [peer.name, scorePeer(runs, peer)] as const;
  });
  const settings: Figures = { windowMinutes: WINDOW_MINUTES, epsilon: 100, atLeast: 1 };
  const all = [['tocsin', ours] as const, ...theirs];
  return {
    figures: { set: options.set, ...totalFigures(ours) },
    baseline: {
      ...settings,
      ...Object.fromEntries(theirs.map(([name, totals]) => [name, totalFigures(totals)])),
    },
    ratios: Object.assign(
      bestRatio(ours, theirs),
      ...theirs.map(([name, totals]) => ratiosTo(name, ours, totals)),
    ) as Record<string, number>,
    lines: tableLines(
      [
        ...['grouped by', 'true', 'reported', 'precision', 'recall', 'F1', 'ARI', 'pooled'],
        ...['cause', 'delay s'],
      ],
      all.map(([name, totals]) => lineOf(name, totals)),
    ),
  };
}
