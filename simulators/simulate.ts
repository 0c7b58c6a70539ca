import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AreaComplaints } from './calls/area-complaints.js';
import { CallCentre } from './calls/call-centre.js';
import { buildFault } from './faults/build-fault.js';
import type { CellEffect } from './faults/conditions.js';
import type { Fault } from './faults/types.js';
import { AFFECTED_HEADER, affectedLine } from './output/affected-file.js';
import { writeFeeds } from './output/feed-files.js';
import { writeSubscribers, writeTopology, writeTruth } from './output/inventory-files.js';
import { csvLine, TextFile } from './output/write-lines.js';
import { type AffectedSpell, AffectedTruth } from './population/affected.js';
import { presenceOf } from './population/records.js';
import { ServiceTruth } from './population/service.js';
import { type FullScenario, faultSpecs } from './scenario.js';
import { PERIOD_MS } from './telemetry/calendar.js';
import { Delivery } from './telemetry/delivery.js';
import { TelemetryGenerator } from './telemetry/generator.js';
import { CSV_HEADER, csvSink } from './telemetry/sinks.js';
import { createWorld, type World } from './world.js';

/** What was written. */
export interface SimulationSummary {
  readonly out: string;
  readonly seed: number;
  readonly sites: number;
  readonly cells: number;
  readonly subscribers: number;
  readonly from: string;
  readonly to: string;
  readonly faults: number;
  readonly incidents: number;
  readonly reports: number;
  readonly alarms: number;
  readonly sightings: number;
  readonly calls: number;
  /** spells in which somebody was truly affected */
  readonly affected: number;
}

/** What a run is made of. */
export interface SimulationOptions {
  readonly scenario: FullScenario;
  readonly seed: number;
  /** folder, made when absent */
  readonly out: string;
  /** told after every simulated period */
  readonly onProgress?: (done: number, of: number) => void;
}

interface Counts {
  reports: number;
  sightings: number;
  calls: number;
  affected: number;
}

/**
 * Writes a whole labelled world: inventory, subscribers, feeds, truth, and what the network, the
 * subscribers and the call centre did. The same scenario and seed give the same bytes.
 * @throws TocsinError `input.file` when the folder cannot be written, `input.rules` for a fault
 *   whose `where` names nothing
 */
export async function simulate(options: SimulationOptions): Promise<SimulationSummary> {
  const { scenario, seed, out } = options;
  const world = createWorld({ seed, ...scenario });
  const fromMs = Date.parse(`${scenario.start}T00:00:00Z`);
  const periods = Math.round((scenario.days * 86_400_000) / PERIOD_MS);
  const toMs = fromMs + periods * PERIOD_MS;
  const faults = faultSpecs(scenario).map((spec, at) =>
    buildFault(world.network, seed, `I${at + 1}`, spec),
  );
  await mkdir(out, { recursive: true });
  const works = faults.flatMap((fault) => fault.works);
  await writeTopology(out, world.network, works);
  await writeSubscribers(out, world);
  await writeFeeds(out, fromMs, toMs);
  const truth = faults.flatMap((fault) => fault.truth);
  await writeTruth(out, world.network, truth);
  const alarms = await writeAlarms(out, faults, toMs);
  const counts = await writeSeries(options, world, faults, { fromMs, periods });
  return {
    out,
    seed,
    sites: world.network.sites.length,
    cells: world.network.cells.length,
    subscribers: world.people.size,
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    faults: faults.length,
    incidents: truth.length,
    alarms,
    ...counts,
  };
}

async function writeAlarms(out: string, faults: readonly Fault[], toMs: number): Promise<number> {
  const file = new TextFile(join(out, 'alarms.ndjson'));
  const alarms = faults
    .flatMap((fault) => fault.alarms)
    .filter(({ atMs }) => atMs < toMs)
    .sort((a, b) => a.atMs - b.atMs);
  for (const { alarm } of alarms) await file.write(`${JSON.stringify(alarm)}\n`);
  await file.close();
  return alarms.length;
}

/** Telemetry, presence and calls, period by period. */
async function writeSeries(
  { scenario, seed, out, onProgress }: SimulationOptions,
  world: World,
  faults: readonly Fault[],
  span: { readonly fromMs: number; readonly periods: number },
): Promise<Counts> {
  const effects: readonly CellEffect[] = faults.flatMap((fault) => fault.effects);
  const generator = new TelemetryGenerator(world.network, {
    seed,
    effects: () => effects,
    noise: scenario.noise,
  });
  const delivery = new Delivery(scenario.delivery, seed, () => csvSink(world.network));
  const service = new ServiceTruth(world, () => effects);
  const centre = new CallCentre(world, service, { seed });
  const telemetry = new TextFile(join(out, 'telemetry.csv'));
  const presence = new TextFile(join(out, 'presence.csv'));
  const calls = new TextFile(join(out, 'calls.csv'));
  const complaints = new AreaComplaints(world, seed);
  const complained = new TextFile(join(out, 'complaints.csv'));
  const harm = new AffectedTruth(world, service, faults);
  const affected = new TextFile(join(out, 'affected.csv'));
  const counts: Counts = { reports: 0, sightings: 0, calls: 0, affected: 0 };
  const writeAffected = async (spells: readonly AffectedSpell[]): Promise<void> => {
    counts.affected += spells.length;
    for (const spell of spells) await affected.write(affectedLine(world, spell));
  };
  await telemetry.write(CSV_HEADER);
  await presence.write('subscriber,cell,time\n');
  await affected.write(AFFECTED_HEADER);
  await complained.write('name,area,start,intervalSeconds,count\n');
  await calls.write('queue,start,intervalSeconds,offered,answered,abandoned,handleSeconds\n');
  for (let period = 0; period < span.periods; period++) {
    const startMs = span.fromMs + period * PERIOD_MS;
    for (const { batch } of delivery.take(generator.period(startMs))) {
      counts.reports += batch.split('\n').length - 1;
      await telemetry.write(batch);
    }
    for (const seen of presenceOf(world, service, startMs, scenario.presenceShare)) {
      counts.sightings++;
      await presence.write(csvLine([seen.subscriber, seen.cell, seen.time]));
    }
    counts.calls += await writeCalls(calls, centre, startMs);
    for (const each of complaints.interval(startMs, centre.callers)) {
      const { name, area, start, intervalSeconds, count } = each;
      await complained.write(csvLine([name, area, start, intervalSeconds, count]));
    }
    await writeAffected(harm.advance(startMs, startMs + PERIOD_MS));
    onProgress?.(period + 1, span.periods);
  }
  for (const { batch } of delivery.due(Number.POSITIVE_INFINITY)) {
    counts.reports += batch.split('\n').length - 1;
    await telemetry.write(batch);
  }
  await writeAffected(harm.finish(span.fromMs + span.periods * PERIOD_MS));
  await Promise.all([telemetry, presence, calls, complained, affected].map((file) => file.close()));
  return counts;
}

async function writeCalls(file: TextFile, centre: CallCentre, startMs: number): Promise<number> {
  let offered = 0;
  for (const row of centre.interval(startMs)) {
    offered += row.offered;
    const { queue, start, intervalSeconds, answered, abandoned, handleSeconds } = row;
    const numbers = [intervalSeconds, row.offered, answered, abandoned, handleSeconds];
    await file.write(csvLine([queue, start, ...numbers]));
  }
  return offered;
}
