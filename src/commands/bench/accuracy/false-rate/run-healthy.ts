import { createNetwork } from '../../../../../simulators/network.js';
import { PERIOD_MS } from '../../../../../simulators/telemetry/calendar.js';
import { TelemetryGenerator } from '../../../../../simulators/telemetry/generator.js';
import { createCorrelate } from '../../../../correlate/correlate.js';
import { createDetect } from '../../../../detect/detect.js';
import type { Fact } from '../../../../domain/facts.js';
import type { ReplayStep } from '../../../../replay.js';
import { replay } from '../../../../replay.js';
import { reportsOf } from '../period-reports.js';
import { TextWatch } from '../text-watch.js';
import { laneOf, type ShippedRules } from '../warm-world.js';
import type { HealthyPlan } from './healthy-worlds.js';

const DAY_MS = 86_400_000;

/** A false incident: what it was made of. Not an interface, so that it counts as plain JSON. */
export type FalseIncident = {
  readonly openedAt: string;
  readonly cells: number;
  /** KPIs of its anomalies, `silence` for missing reports */
  readonly kpis: readonly string[];
  readonly explanation: string;
};

/** What was made of a network in which nothing fails. */
export interface HealthyRun {
  readonly plan: HealthyPlan;
  readonly cells: number;
  readonly cellMonths: number;
  readonly samples: number;
  /** opened after warm-up, in order; incidents that were merged count as opened */
  readonly opened: readonly FalseIncident[];
  readonly openedInWarmUp: number;
  /** after warm-up, if there were always enough people to tell */
  readonly texts: number;
  readonly anomaliesRaised: number;
}

/** Follows the steps of a replay; holds running anomalies and what has opened, nothing else. */
class HealthyWatch {
  readonly opened: FalseIncident[] = [];
  openedInWarmUp = 0;
  anomaliesRaised = 0;
  readonly #countFromMs: number;
  readonly #kpis = new Map<string, string>();
  readonly #known = new Set<string>();

  constructor(countFromMs: number) {
    this.#countFromMs = countFromMs;
  }

  add({ nowMs, events, changes }: ReplayStep): void {
    for (const event of events) {
      if (!('anomaly' in event)) continue;
      const { id, kpi, kind } = event.anomaly;
      if (event.type === 'raised' && nowMs > this.#countFromMs) this.anomaliesRaised++;
      this.#kpis.set(id, kind === 'silence' ? kind : kpi);
    }
    for (const { incident } of changes) {
      const { id, detectedAt, cells, anomalyIds, explanation } = incident;
      if (detectedAt === null || this.#known.has(id)) continue;
      this.#known.add(id);
      if (nowMs <= this.#countFromMs) {
        this.openedInWarmUp++;
        continue;
      }
      const kpis = new Set(anomalyIds.map((anomaly) => this.#kpis.get(anomaly) ?? 'unknown'));
      this.opened.push({
        openedAt: new Date(nowMs).toISOString(),
        cells: cells.length,
        kpis: [...kpis].sort(),
        explanation,
      });
    }
    for (const event of events) if (event.type === 'cleared') this.#kpis.delete(event.anomaly.id);
  }
}

/** Runs a healthy network through detect and correlate as the running service would see it. */
export async function runHealthy(
  plan: HealthyPlan,
  rules: ShippedRules,
  onDay: (share: number) => void,
): Promise<HealthyRun> {
  const network = createNetwork(plan);
  const lane = laneOf(plan);
  const generator = new TelemetryGenerator(network, { ...plan, effects: () => [] });
  function* facts(): Generator<Fact> {
    for (let startMs = plan.fromMs; startMs < plan.toMs; startMs += PERIOD_MS) {
      if (startMs % DAY_MS === 0) onDay((startMs - plan.fromMs) / (plan.toMs - plan.fromMs));
      const { onTime } = reportsOf(network, plan, generator.period(startMs), lane);
      if (onTime !== undefined) yield { kind: 'reports', block: onTime };
    }
  }
  const stages = {
    detect: createDetect([lane], rules.detection),
    correlate: createCorrelate(network.rows, rules.correlation, [lane]),
  };
  const watch = new HealthyWatch(plan.branchMs);
  const texts = new TextWatch(rules.policy);
  const totals = await replay(facts(), stages, {
    lanes: [lane],
    isSorted: true,
    onStep: (step) => {
      watch.add(step);
      texts.note(step);
    },
    onProgress: ({ nowMs }) => texts.ask(nowMs),
  });
  const cells = network.cells.length;
  return {
    plan,
    cells,
    cellMonths: (cells * (plan.toMs - plan.branchMs)) / (30 * DAY_MS),
    samples: totals.samples,
    opened: watch.opened,
    openedInWarmUp: watch.openedInWarmUp,
    texts: texts.texts.filter(({ atMs }) => atMs > plan.branchMs).length,
    anomaliesRaised: watch.anomaliesRaised,
  };
}
