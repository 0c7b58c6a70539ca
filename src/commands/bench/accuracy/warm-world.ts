import { join } from 'node:path';
import { createNetwork } from '../../../../simulators/network.js';
import { scenarioFeeds } from '../../../../simulators/output/feed-files.js';
import { PERIOD_MS } from '../../../../simulators/telemetry/calendar.js';
import { TelemetryGenerator } from '../../../../simulators/telemetry/generator.js';
import type { Network } from '../../../../simulators/world/types.js';
import { loadYaml } from '../../../adapters/rules/load-yaml.js';
import { installFolder } from '../../../config.js';
import { createCorrelate } from '../../../correlate/correlate.js';
import { CorrelationRules } from '../../../correlate/rules.js';
import { createDetect } from '../../../detect/detect.js';
import { DetectionRules } from '../../../detect/rules.js';
import { TocsinError } from '../../../domain/errors.js';
import type { LaneSpec } from '../../../domain/lane.js';
import type { WorkRow } from '../../../domain/topology-rows.js';
import { NotificationPolicy } from '../../../notify/policy.js';
import { type ReplayStages, replay } from '../../../replay.js';
import { compileFeed, loadKpiRules } from '../../../sources/feed-loader.js';
import type { WorldPlan } from './draw-cases.js';
import { reportsOf } from './period-reports.js';

/** The rules as shipped: what an operator begins with. */
export interface ShippedRules {
  readonly detection: DetectionRules;
  readonly correlation: CorrelationRules;
  readonly policy: NotificationPolicy;
}

/** Reads the rules that Tocsin is shipped with. */
export function loadShippedRules(): ShippedRules {
  const path = (name: string): string => join(installFolder, 'rules', name);
  return {
    detection: loadYaml(path('detection.yaml'), DetectionRules),
    correlation: loadYaml(path('correlation.yaml'), CorrelationRules),
    policy: loadYaml(path('notification.yaml'), NotificationPolicy),
  };
}

/** A world whose models are warm, and from which any number of cases can go on. */
export interface WarmWorld {
  readonly plan: WorldPlan;
  readonly network: Network;
  readonly rules: ShippedRules;
  /** the lane of the simulated telemetry, with the lateness of its feed */
  readonly lane: LaneSpec;
  /** incidents that opened in the healthy history: all false */
  readonly falseIncidents: number;
  /** stages in the state of `plan.branchMs`. @param lane same feed, any lateness */
  branch(lane: LaneSpec, works: readonly WorkRow[]): ReplayStages;
}

/** The lane of the simulated telemetry, with the holidays of the years that the plan's history is in. */
export function laneOf(plan: WorldPlan): LaneSpec {
  const yearOf = (ms: number): number => new Date(ms).getUTCFullYear();
  const feed = scenarioFeeds(yearOf(plan.fromMs), yearOf(plan.branchMs) + 1).telemetry;
  const lane = feed && compileFeed(feed, 'telemetry', loadKpiRules()).lane;
  if (lane === undefined) throw new TocsinError('internal', 'the simulators have no telemetry');
  return lane;
}

/** Runs a world's healthy history through detect and correlate as replay does, and keeps the state. */
export async function warmUp(plan: WorldPlan, rules: ShippedRules): Promise<WarmWorld> {
  const network = createNetwork(plan);
  const lane = laneOf(plan);
  const stages = {
    detect: createDetect([lane], rules.detection),
    correlate: createCorrelate(network.rows, rules.correlation, [lane]),
  };
  const generator = new TelemetryGenerator(network, { ...plan, effects: () => [] });
  function* facts() {
    for (let startMs = plan.fromMs; startMs < plan.branchMs; startMs += PERIOD_MS) {
      const { onTime } = reportsOf(network, plan, generator.period(startMs), lane);
      if (onTime !== undefined) yield { kind: 'reports' as const, block: onTime };
    }
  }
  const opened = new Set<string>();
  await replay(facts(), stages, {
    lanes: [lane],
    isSorted: true,
    onStep: ({ changes }) => {
      for (const { incident } of changes) if (incident.detectedAt !== null) opened.add(incident.id);
    },
  });
  const detected = stages.detect.snapshot();
  const correlated = stages.correlate.snapshot();
  return {
    plan,
    network,
    rules,
    lane,
    falseIncidents: opened.size,
    branch: (own, works) => {
      const detect = createDetect([own], rules.detection);
      detect.restore(detected);
      const correlate = createCorrelate({ ...network.rows, works }, rules.correlation, [own]);
      correlate.restore(correlated);
      return { detect, correlate };
    },
  };
}
