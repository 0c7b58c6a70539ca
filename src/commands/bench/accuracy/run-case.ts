import { ambientAlarms } from '../../../../simulators/faults/ambient-alarms.js';
import { buildFault } from '../../../../simulators/faults/build-fault.js';
import type { Fault } from '../../../../simulators/faults/types.js';
import { PERIOD_MS } from '../../../../simulators/telemetry/calendar.js';
import { TelemetryGenerator } from '../../../../simulators/telemetry/generator.js';
import type { Alarm } from '../../../domain/alarm.js';
import type { Fact } from '../../../domain/facts.js';
import { type ReplayStages, replay } from '../../../replay.js';
import { type ReplayReport, ReplayReporter } from '../../../replay-report.js';
import type { ScoredReplay, TruthRow } from '../../../scoring/replay-document.js';
import { type Scoring, scoreReplay } from '../../../scoring/score-replay.js';
import type { CasePlan } from './draw-cases.js';
import { type Listing, ListWatch } from './list-watch.js';
import { reportsOf } from './period-reports.js';
import { TextWatch, type WouldText } from './text-watch.js';
import type { WarmWorld } from './warm-world.js';

/** Everything that happened in one case and what was made of it. */
export interface CaseRun {
  readonly plan: CasePlan;
  readonly world: WarmWorld;
  readonly faults: readonly Fault[];
  readonly truth: readonly TruthRow[];
  /** what came in besides telemetry, in order of time */
  readonly alarms: readonly Alarm[];
  /** as `tocsin replay` of the whole history has it */
  readonly report: ReplayReport;
  readonly scoring: Scoring;
  /** as the running service has it, where reports come minutes late and some too late */
  readonly live: {
    readonly scoring: Scoring;
    /** wall time at which each incident opened, epoch ms */
    readonly openedAtMs: ReadonlyMap<string, number>;
    /** when each true incident was listed, by its id */
    readonly listings: ReadonlyMap<string, Listing>;
    /** texts that would have left by themselves */
    readonly texts: readonly WouldText[];
    /** texts that a person would have been asked about */
    readonly asked: readonly WouldText[];
  };
}

/** Time after the last fault in which its aftermath may be misread. */
const AFTERMATH_MS = 3 * 3_600_000;
const QUIET_MS = 24 * 3_600_000;
const AMBIENT_PER_SITE_AND_DAY = 0.5;

function endOf(plan: CasePlan): number {
  const ends = plan.faults.map(({ fromMs, durationMs }) => fromMs + durationMs + AFTERMATH_MS);
  const endMs = ends.length === 0 ? plan.world.branchMs + QUIET_MS : Math.max(...ends);
  return Math.ceil(endMs / PERIOD_MS) * PERIOD_MS;
}

function truthOf(world: WarmWorld, faults: readonly Fault[]): TruthRow[] {
  return faults
    .flatMap(({ truth }) => truth)
    .flatMap(({ incidentId, cells, causeKind, causeId }) =>
      cells.map(({ cell, fromMs, toMs }) => ({
        incidentId,
        cellId: world.network.cells[cell]?.cellId ?? '',
        startedAtMs: fromMs,
        endedAtMs: toMs,
        causeKind,
        causeId,
      })),
    );
}

function alarmsOf(world: WarmWorld, plan: CasePlan, faults: readonly Fault[], toMs: number) {
  const ambient = ambientAlarms(world.network, {
    seed: plan.seed,
    fromMs: world.plan.branchMs,
    toMs,
    perSiteAndDay: plan.hasAlarms ? AMBIENT_PER_SITE_AND_DAY : 0,
  });
  return [...faults.flatMap(({ alarms }) => alarms), ...ambient]
    .filter(({ atMs }) => atMs < toMs)
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ alarm }) => alarm);
}

interface Inputs {
  readonly history: Fact[];
  readonly live: Fact[];
}

function simulateCase(
  world: WarmWorld,
  plan: CasePlan,
  faults: readonly Fault[],
  alarms: readonly Alarm[],
): Inputs {
  const { network, lane } = world;
  const effects = faults.flatMap((fault) => fault.effects);
  const generator = new TelemetryGenerator(network, { ...plan.world, effects: () => effects });
  const heard: Fact = { kind: 'alarms', items: alarms };
  const history: Fact[] = [heard];
  const live: Fact[] = [heard];
  for (let startMs = plan.world.branchMs; startMs < endOf(plan); startMs += PERIOD_MS) {
    const reports = reportsOf(network, plan.world, generator.period(startMs), lane);
    if (reports.everArrived) history.push({ kind: 'reports', block: reports.everArrived });
    if (reports.onTime) live.push({ kind: 'reports', block: reports.onTime });
  }
  return { history, live };
}

async function replayHistory(
  world: WarmWorld,
  stages: ReplayStages,
  facts: readonly Fact[],
): Promise<ReplayReport> {
  const reporter = new ReplayReporter();
  const totals = await replay(facts, stages, {
    lanes: [{ ...world.lane, latenessSeconds: 0 }],
    onStep: (step) => reporter.add(step),
  });
  return reporter.report(totals);
}

async function replayLive(
  world: WarmWorld,
  stages: ReplayStages,
  facts: readonly Fact[],
  truth: readonly TruthRow[],
) {
  const reporter = new ReplayReporter();
  const list = new ListWatch(truth);
  const watch = new TextWatch(world.rules.policy);
  const openedAtMs = new Map<string, number>();
  const totals = await replay(facts, stages, {
    lanes: [world.lane],
    onStep: (step) => {
      reporter.add(step);
      watch.note(step);
      list.note(step);
      for (const { incident } of step.changes) {
        if (incident.detectedAt !== null && !openedAtMs.has(incident.id))
          openedAtMs.set(incident.id, step.nowMs);
      }
    },
    onProgress: ({ nowMs }) => watch.ask(nowMs),
  });
  const { listings } = list;
  const { texts, asked } = watch;
  return { report: reporter.report(totals), openedAtMs, listings, texts, asked };
}

/** A report with what scoring reads of it. */
function scored(report: ReplayReport, world: WarmWorld): ScoredReplay {
  const { from, to, anomalies, incidents } = report;
  return {
    cells: world.network.cells.length,
    from,
    to,
    anomalies: [...anomalies],
    incidents: incidents.map((incident) => ({ ...incident, cells: [...incident.cells] })),
  };
}

/** Simulates a case on a warm world, replays it as history and as it would have come in, and scores. */
export async function runCase(world: WarmWorld, plan: CasePlan): Promise<CaseRun> {
  const faults = plan.faults.map((spec, at) =>
    buildFault(world.network, plan.seed, `I${at + 1}`, spec),
  );
  const works = faults.flatMap((fault) => fault.works);
  const truth = truthOf(world, faults);
  const alarms = alarmsOf(world, plan, faults, endOf(plan));
  const { history, live } = simulateCase(world, plan, faults, alarms);
  const asHistory = { ...world.lane, latenessSeconds: 0 };
  const report = await replayHistory(world, world.branch(asHistory, works), history);
  const ran = await replayLive(world, world.branch(world.lane, works), live, truth);
  return {
    plan,
    world,
    faults,
    truth,
    alarms,
    report,
    scoring: scoreReplay(scored(report, world), truth, PERIOD_MS),
    live: {
      scoring: scoreReplay(scored(ran.report, world), truth, PERIOD_MS),
      openedAtMs: ran.openedAtMs,
      listings: ran.listings,
      texts: ran.texts,
      asked: ran.asked,
    },
  };
}
