import { TocsinError } from '../../src/domain/errors.js';
import type { WorkRow } from '../../src/domain/topology-rows.js';
import { Random, textHash } from '../random.js';
import type { Network } from '../world/types.js';
import { AlarmScript } from './alarm-script.js';
import {
  congestion,
  coreDegradation,
  interference,
  sleepingCell,
  slowDegradation,
  softwareRelease,
} from './degradations.js';
import {
  aggregationFailure,
  type Built,
  buildOutage,
  cellOutage,
  type FaultContext,
  flapping,
  raiseUnreachable,
  sectorFailure,
  sitePower,
  transportCut,
} from './outages.js';
import { cellsOfSites, pickSite } from './targets.js';
import type { Fault, FaultKind, FaultSpec } from './types.js';
import { regionalPowerCut, storm } from './wide-outages.js';

type Builder = (context: FaultContext) => Built & { readonly works?: WorkRow[] };

const BUILDERS: Readonly<Record<FaultKind, Builder>> = {
  sitePower,
  sectorFailure,
  cellOutage,
  transportCut,
  aggregationFailure,
  coreDegradation,
  softwareRelease,
  congestion,
  interference,
  sleepingCell,
  slowDegradation,
  plannedWorks,
  telemetryGap,
  regionalPowerCut,
  flapping,
  storm,
};

/** The collector of one vendor's cells, or of all, stops: nothing is wrong with the network. */
function telemetryGap({ network, spec }: FaultContext): Built {
  const { where } = spec;
  const sites = network.sites.filter(({ vendor }) => where === undefined || vendor === where);
  if (sites.length === 0) {
    const vendors = [...new Set(network.sites.map(({ vendor }) => vendor))].sort().join(', ');
    const given = JSON.stringify(where);
    throw new TocsinError('input.rules', `where was ${given}, allowed: ${vendors}, or left out`);
  }
  const cells = cellsOfSites(
    network,
    sites.map(({ index }) => index),
  );
  const effect = { fromMs: spec.fromMs, toMs: spec.fromMs + spec.durationMs, cells };
  return { effects: [{ ...effect, isUncollected: true }], truth: [] };
}

/** A site is taken down on purpose; only what lasts beyond the announced end is an incident. */
function plannedWorks(context: FaultContext): Built & { readonly works: WorkRow[] } {
  const { network, id, spec, random, script } = context;
  const site = pickSite(network, random, spec.where);
  const fromMs = spec.fromMs;
  const toMs = fromMs + spec.durationMs;
  const endsAtMs = fromMs + Math.round(spec.plannedMs ?? spec.durationMs * 1.25);
  raiseUnreachable(script, site, fromMs, toMs);
  const cause = { causeKind: 'site', causeId: site.siteId };
  const outage = buildOutage({ id, cells: site.cells, fromMs, toMs, isSilent: true, ...cause });
  const overrun = site.cells.map((cell) => ({ cell, fromMs: endsAtMs, toMs }));
  return {
    effects: outage.effects,
    truth: toMs > endsAtMs ? [{ incidentId: id, cells: overrun, ...cause }] : [],
    works: [
      {
        workId: `W-${id}`,
        resourceId: site.siteId,
        startsAtMs: fromMs - 600_000,
        endsAtMs,
        description: `Antenna swap at ${site.name}`,
      },
    ],
  };
}

/**
 * Works a fault out. The same network, seed, id and spec give the same fault.
 * @throws TocsinError `input.rules` when `where` names nothing of the network
 */
export function buildFault(network: Network, seed: number, id: string, spec: FaultSpec): Fault {
  const random = new Random(seed, textHash(id));
  const script = new AlarmScript(id, random, spec.alarms ?? 1);
  const { effects, truth, works } = BUILDERS[spec.kind]({ network, id, spec, random, script });
  return { id, spec, effects, alarms: script.finish(), truth, works: works ?? [] };
}
