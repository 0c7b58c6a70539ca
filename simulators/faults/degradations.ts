import { AT_ONCE } from './alarm-script.js';
import type { CellEffect } from './conditions.js';
import type { Built, FaultContext } from './outages.js';
import {
  cellsOfSites,
  pickCell,
  pickResource,
  pickSector,
  pickSite,
  pickSoftware,
} from './targets.js';

type Harm = Omit<CellEffect, 'fromMs' | 'toMs' | 'cells'>;

function degrade(
  { id, spec }: FaultContext,
  cells: readonly number[],
  harm: Harm,
  cause: { causeKind: string; causeId: string },
): Built {
  const fromMs = spec.fromMs;
  const toMs = fromMs + spec.durationMs;
  return {
    effects: [{ fromMs, toMs, cells, ...harm }],
    truth: [{ incidentId: id, cells: cells.map((cell) => ({ cell, fromMs, toMs })), ...cause }],
  };
}

/** A factor that is `least` at full depth and 1 at none. */
function factor(least: number, depth: number): number {
  return 1 - (1 - least) * depth;
}

/** The core refuses a good part of the bearers in its whole area. */
export function coreDegradation(context: FaultContext): Built {
  const { network, spec, random, script } = context;
  const core = pickResource(network, network.cores, random, spec.where);
  const depth = spec.depth ?? 1;
  script.raise(
    {
      objectType: 'function',
      objectId: core.id,
      alarmType: 'processingErrorAlarm',
      perceivedSeverity: 'critical',
      probableCause: 'softwareProgramError',
      specificProblem: 'Session management overload',
      serviceAffecting: true,
    },
    spec.fromMs,
    spec.fromMs + spec.durationMs,
    AT_ONCE,
  );
  const harm = { erabFailure: 0.35 * depth, rrcFailure: 0.05 * depth, dropRate: 0.03 * depth };
  const cause = { causeKind: 'core', causeId: core.id };
  return degrade(context, cellsOfSites(network, core.sites), harm, cause);
}

/** A bad release: every cell of one vendor's version drops calls and is slower. No alarm. */
export function softwareRelease(context: FaultContext): Built {
  const { network, spec, random } = context;
  const group = pickSoftware(network, random, spec.where);
  const depth = spec.depth ?? 1;
  const harm = {
    dropRate: 0.06 * depth,
    erabFailure: 0.08 * depth,
    throughputFactor: factor(0.65, depth),
  };
  return degrade(context, group.cells, harm, { causeKind: 'software', causeId: group.id });
}

/** Foreign signal in one sector: slow, hard to get on, dropping. No alarm. */
export function interference(context: FaultContext): Built {
  const { network, spec, random } = context;
  const sector = pickSector(network, random, spec.where);
  const depth = spec.depth ?? 1;
  const harm = {
    rrcFailure: 0.12 * depth,
    dropRate: 0.06 * depth,
    throughputFactor: factor(0.35, depth),
  };
  const first = sector[0];
  const siteId = network.sites[first?.site ?? 0]?.siteId ?? '';
  const cause =
    sector.length > 1
      ? { causeKind: 'sector', causeId: `${siteId}/${first?.azimuth ?? 0}` }
      : { causeKind: 'cell', causeId: first?.cellId ?? '' };
  const cells = sector.map(({ index }) => index);
  return degrade(context, cells, harm, cause);
}

/** On air, reporting, no alarm, and nobody gets on; neighbours carry more. */
export function sleepingCell(context: FaultContext): Built {
  const { network, spec, random } = context;
  const cell = pickCell(network, random, spec.where);
  const cause = { causeKind: 'cell', causeId: cell.cellId };
  return degrade(context, [cell.index], { isAsleep: true }, cause);
}

/** Hardware that ages: grows worse over two thirds of the time, then stays. No alarm. */
export function slowDegradation(context: FaultContext): Built {
  const { network, spec, random } = context;
  const cell = pickCell(network, random, spec.where);
  const depth = spec.depth ?? 1;
  const harm = {
    rampMs: (spec.durationMs * 2) / 3,
    throughputFactor: factor(0.3, depth),
    dropRate: 0.08 * depth,
    rrcFailure: 0.08 * depth,
  };
  return degrade(context, [cell.index], harm, { causeKind: 'cell', causeId: cell.cellId });
}

/** A crowd at an event: slow for everyone there, but nothing is broken, hence no incident. */
export function congestion(context: FaultContext): Built {
  const { network, spec, random, script } = context;
  const site = pickSite(network, random, spec.where);
  const fromMs = spec.fromMs;
  const toMs = fromMs + spec.durationMs;
  const first = network.cells[site.cells[0] ?? 0];
  const around = first?.neighbours.map(({ cell }) => cell) ?? [];
  const rest = around.filter((cell) => !site.cells.includes(cell));
  script.raise(
    {
      objectType: 'site',
      objectId: site.siteId,
      alarmType: 'qualityOfServiceAlarm',
      perceivedSeverity: 'warning',
      probableCause: 'congestion',
      specificProblem: 'Resource block use above threshold',
      serviceAffecting: false,
    },
    fromMs + 900_000,
    toMs,
    AT_ONCE,
  );
  const depth = spec.depth ?? 1;
  const rampMs = spec.durationMs / 4;
  return {
    effects: [
      { fromMs, toMs, cells: site.cells, demandFactor: 1 + 4 * depth, rampMs },
      { fromMs, toMs, cells: rest, demandFactor: 1 + 1.2 * depth, rampMs },
    ],
    truth: [],
  };
}
