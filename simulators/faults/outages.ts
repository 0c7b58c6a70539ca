import type { Random } from '../random.js';
import type { Network, SharedResource, SimSite } from '../world/types.js';
import { type AlarmScript, AT_ONCE, POLLED } from './alarm-script.js';
import type { CellEffect } from './conditions.js';
import { cellsOfSites, pickCell, pickResource, pickSector, pickSite } from './targets.js';
import type { FaultSpec, TrueIncident } from './types.js';

/** What a builder of one kind is given. */
export interface FaultContext {
  readonly network: Network;
  readonly id: string;
  readonly spec: FaultSpec;
  readonly random: Random;
  readonly script: AlarmScript;
}

/** What a builder gives back; the alarms are in the script. */
export interface Built {
  readonly effects: CellEffect[];
  readonly truth: TrueIncident[];
}

/** One outage of some cells with one cause. */
export interface Outage {
  readonly id: string;
  readonly cells: readonly number[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly causeKind: string;
  readonly causeId: string;
  readonly isSilent: boolean;
}

/** The effect and the truth of an outage. */
export function buildOutage(outage: Outage): Built {
  const { cells, fromMs, toMs, isSilent, causeKind, causeId } = outage;
  const hit = cells.map((cell) => ({ cell, fromMs, toMs }));
  return {
    effects: [{ fromMs, toMs, cells, isOut: true, isSilent }],
    truth: [{ incidentId: outage.id, cells: hit, causeKind, causeId }],
  };
}

/** A management system can no longer reach a site. */
export function raiseUnreachable(
  script: AlarmScript,
  site: SimSite,
  fromMs: number,
  toMs: number,
): void {
  script.raise(
    {
      objectType: 'site',
      objectId: site.siteId,
      alarmType: 'communicationsAlarm',
      perceivedSeverity: 'critical',
      probableCause: 'communicationsSubsystemFailure',
      specificProblem: 'Node unreachable',
      serviceAffecting: true,
      vendor: site.vendor,
    },
    fromMs,
    toMs,
    POLLED,
  );
}

/** A site's own sensor says that the mains is gone. */
export function raisePowerLoss(
  script: AlarmScript,
  site: SimSite,
  fromMs: number,
  toMs: number,
): void {
  script.raise(
    {
      objectType: 'site',
      objectId: site.siteId,
      alarmType: 'environmentalAlarm',
      perceivedSeverity: 'major',
      probableCause: 'powerProblem',
      specificProblem: 'Mains failure, battery low',
      serviceAffecting: true,
      vendor: site.vendor,
    },
    fromMs,
    toMs,
    AT_ONCE,
  );
}

/** One site without power: its last word is the power alarm. */
export function sitePower({ network, id, spec, random, script }: FaultContext): Built {
  const site = pickSite(network, random, spec.where);
  const fromMs = spec.fromMs;
  const toMs = fromMs + spec.durationMs;
  raisePowerLoss(script, site, fromMs, toMs);
  raiseUnreachable(script, site, fromMs, toMs);
  const cause = { causeKind: 'site', causeId: site.siteId };
  return buildOutage({ id, cells: site.cells, fromMs, toMs, isSilent: true, ...cause });
}

/** A remote radio unit fails: every layer of one sector is off air, reports show zeros. */
export function sectorFailure({ network, id, spec, random, script }: FaultContext): Built {
  const sector = pickSector(network, random, spec.where);
  const first = sector[0] ?? pickCell(network, random);
  const site = network.sites[first.site];
  const toMs = spec.fromMs + spec.durationMs;
  for (const cell of sector) raiseCellDown(script, cell.cellId, spec.fromMs, toMs);
  return buildOutage({
    id,
    cells: sector.map(({ index }) => index),
    fromMs: spec.fromMs,
    toMs,
    isSilent: false,
    causeKind: 'sector',
    causeId: `${site?.siteId ?? ''}/${first.azimuth}`,
  });
}

function raiseCellDown(script: AlarmScript, cellId: string, fromMs: number, toMs: number): void {
  script.raise(
    {
      objectType: 'cell',
      objectId: cellId,
      alarmType: 'equipmentAlarm',
      perceivedSeverity: 'critical',
      probableCause: 'equipmentMalfunction',
      specificProblem: 'Cell not operational',
      serviceAffecting: true,
    },
    fromMs,
    toMs,
    AT_ONCE,
  );
}

/** One cell off air; its baseband is up and reports zeros. */
export function cellOutage({ network, id, spec, random, script }: FaultContext): Built {
  const cell = pickCell(network, random, spec.where);
  const toMs = spec.fromMs + spec.durationMs;
  raiseCellDown(script, cell.cellId, spec.fromMs, toMs);
  const cause = { causeKind: 'cell', causeId: cell.cellId };
  return buildOutage({
    id,
    cells: [cell.index],
    fromMs: spec.fromMs,
    toMs,
    isSilent: false,
    ...cause,
  });
}

/** A fibre is cut: the line is down at once, its sites are found unreachable, nothing reports. */
export function transportCut({ network, id, spec, random, script }: FaultContext): Built {
  const fibre = pickResource(network, network.fibres, random, spec.where);
  return cutFibre(network, script, { id, fibre, fromMs: spec.fromMs, durationMs: spec.durationMs });
}

/** As `transportCut`, for a fibre already chosen. */
export function cutFibre(
  network: Network,
  script: AlarmScript,
  cut: { id: string; fibre: SharedResource; fromMs: number; durationMs: number },
): Built {
  const { id, fibre, fromMs } = cut;
  const toMs = fromMs + cut.durationMs;
  script.raise(
    {
      objectType: 'link',
      objectId: fibre.id,
      alarmType: 'communicationsAlarm',
      perceivedSeverity: 'critical',
      probableCause: 'lossOfSignal',
      specificProblem: 'Optical receive power below threshold',
      serviceAffecting: true,
    },
    fromMs,
    toMs,
    AT_ONCE,
  );
  for (const at of fibre.sites) {
    const site = network.sites[at];
    if (site !== undefined) raiseUnreachable(script, site, fromMs, toMs);
  }
  const cells = cellsOfSites(network, fibre.sites);
  const cause = { causeKind: 'transport', causeId: fibre.id };
  return buildOutage({ id, cells, fromMs, toMs, isSilent: true, ...cause });
}

/** An aggregation node fails with everything behind it. */
export function aggregationFailure({ network, id, spec, random, script }: FaultContext): Built {
  const node = pickResource(network, network.aggregations, random, spec.where);
  const fromMs = spec.fromMs;
  const toMs = fromMs + spec.durationMs;
  script.raise(
    {
      objectType: 'function',
      objectId: node.id,
      alarmType: 'equipmentAlarm',
      perceivedSeverity: 'critical',
      probableCause: 'equipmentMalfunction',
      specificProblem: 'Router not responding',
      serviceAffecting: true,
    },
    fromMs,
    toMs,
    POLLED,
  );
  for (const at of node.sites) {
    const site = network.sites[at];
    if (site !== undefined) raiseUnreachable(script, site, fromMs, toMs);
  }
  const cells = cellsOfSites(network, node.sites);
  const cause = { causeKind: 'aggregation', causeId: node.id };
  return buildOutage({ id, cells, fromMs, toMs, isSilent: true, ...cause });
}

/** A site that comes and goes, with an alarm raised and cleared each time. */
export function flapping({ network, id, spec, random, script }: FaultContext): Built {
  const site = pickSite(network, random, spec.where);
  const endMs = spec.fromMs + spec.durationMs;
  const effects: CellEffect[] = [];
  let fromMs = spec.fromMs;
  let lastMs = fromMs;
  while (fromMs < endMs) {
    const toMs = Math.min(endMs, fromMs + Math.round(random.between(180, 480)) * 1000);
    effects.push({ fromMs, toMs, cells: site.cells, isOut: true, isSilent: true });
    raiseUnreachable(script, site, fromMs, toMs);
    lastMs = toMs;
    fromMs = toMs + Math.round(random.between(120, 480)) * 1000;
  }
  const cells = site.cells.map((cell) => ({ cell, fromMs: spec.fromMs, toMs: lastMs }));
  const cause = { causeKind: 'site', causeId: site.siteId };
  return { effects, truth: [{ incidentId: id, cells, ...cause }] };
}
