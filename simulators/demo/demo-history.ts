import type { CountInterval } from '../../src/domain/count-interval.js';
import type { CallInterval, Fact } from '../../src/domain/facts.js';
import { AreaComplaints } from '../calls/area-complaints.js';
import { CallCentre } from '../calls/call-centre.js';
import { ServiceTruth } from '../population/service.js';
import { localMoment, PERIOD_MS } from '../telemetry/calendar.js';
import { Delivery, ORDINARY_DELIVERY } from '../telemetry/delivery.js';
import { TelemetryGenerator } from '../telemetry/generator.js';
import { blockSink } from '../telemetry/sinks.js';
import type { World } from '../world.js';

/** From (inclusive) to (exclusive), whole quarter hours, epoch ms. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Where a demo's network time best starts: the latest 09:45 of a working day in the region that is
 * not after `wallMs`, so that people are about and the call centre is open.
 */
export function demoStartMs(wallMs: number, zone: string): number {
  let startMs = Math.floor(wallMs / PERIOD_MS) * PERIOD_MS;
  for (let back = 0; back < 14 * 96; back++) {
    const { quarter, dayKind } = localMoment(startMs, zone);
    if (quarter === 39 && dayKind === 'weekday') return startMs;
    startMs -= PERIOD_MS;
  }
  return startMs;
}

/** Calls of a healthy past, by queue and quarter hour, in order of time. */
export function* callHistory(world: World, { fromMs, toMs }: Span): Generator<CallInterval> {
  const service = new ServiceTruth(world, () => []);
  const centre = new CallCentre(world, service, { seed: world.seed });
  for (let startMs = fromMs; startMs < toMs; startMs += PERIOD_MS) yield* centre.interval(startMs);
}

/** What a healthy past's customers complained of, by town and quarter hour, in order of time. */
export function complaintHistory(world: World, { fromMs, toMs }: Span): CountInterval[] {
  const complaints = new AreaComplaints(world, world.seed);
  const counts: CountInterval[] = [];
  for (let startMs = fromMs; startMs + PERIOD_MS <= toMs; startMs += PERIOD_MS)
    counts.push(...complaints.interval(startMs, []));
  return counts;
}

/**
 * Reports of a healthy past as they would have come in, in order of arrival, with a tick at each
 * arrival and one at `toMs`. Periods whose reports arrive after `toMs` are left to the live feed.
 * Gives way to other work after every period.
 */
export async function* telemetryHistory(
  world: World,
  { fromMs, toMs }: Span,
): AsyncGenerator<Fact> {
  const { network, seed } = world;
  const generator = new TelemetryGenerator(network, { seed, effects: () => [] });
  const delivery = new Delivery(ORDINARY_DELIVERY, seed, () => blockSink(network));
  for (let startMs = fromMs; startMs + PERIOD_MS < toMs; startMs += PERIOD_MS) {
    for (const { atMs, batch } of delivery.take(generator.period(startMs))) {
      if (atMs > toMs) continue;
      yield { kind: 'reports', block: batch };
      yield { kind: 'tick', nowMs: atMs };
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  yield { kind: 'tick', nowMs: toMs };
}
