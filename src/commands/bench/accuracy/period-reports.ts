import { PERIOD_MS } from '../../../../simulators/telemetry/calendar.js';
import type { PeriodCounters } from '../../../../simulators/telemetry/counters.js';
import { arrivalsOf } from '../../../../simulators/telemetry/delivery.js';
import { blockSink } from '../../../../simulators/telemetry/sinks.js';
import type { Network } from '../../../../simulators/world/types.js';
import type { ReportBlock } from '../../../domain/kpi.js';
import type { LaneSpec } from '../../../domain/lane.js';
import type { WorldPlan } from './draw-cases.js';

/** One period's reports as two readers have them; undefined when there are none. */
export interface PeriodReports {
  /** all that ever came, as history has it */
  readonly everArrived: ReportBlock | undefined;
  /** those that came within the feed's lateness, as the running service has them */
  readonly onTime: ReportBlock | undefined;
}

/** Delivers a period's reports as the world's network does: some late, some twice, some never. */
export function reportsOf(
  network: Network,
  { seed, delivery }: WorldPlan,
  period: PeriodCounters,
  { feed, latenessSeconds }: LaneSpec,
): PeriodReports {
  const all = blockSink(network, feed);
  const prompt = blockSink(network, feed);
  const dueMs = period.periodStartMs + PERIOD_MS + latenessSeconds * 1000;
  for (let cell = 0; cell < period.missing.length; cell++) {
    if (period.missing[cell] === 1) continue;
    for (const atMs of arrivalsOf(delivery, seed, period.periodStartMs, cell)) {
      all.add(period, cell);
      if (atMs <= dueMs) prompt.add(period, cell);
    }
  }
  return { everArrived: all.finish(), onTime: prompt.finish() };
}
