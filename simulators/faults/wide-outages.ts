import type { Network, SharedResource } from '../world/types.js';
import type { AlarmScript } from './alarm-script.js';
import type { Built, FaultContext } from './outages.js';
import { buildOutage, cutFibre, raisePowerLoss, raiseUnreachable } from './outages.js';
import { cellsOfSites, pickResource } from './targets.js';

const MINUTE = 60_000;

function cutPower(
  network: Network,
  script: AlarmScript,
  cut: { id: string; zone: SharedResource; fromMs: number; toMs: number },
): Built {
  const { id, zone, fromMs, toMs } = cut;
  for (const at of zone.sites) {
    const site = network.sites[at];
    if (site === undefined) continue;
    raisePowerLoss(script, site, fromMs, toMs);
    raiseUnreachable(script, site, fromMs, toMs);
  }
  const cells = cellsOfSites(network, zone.sites);
  const cause = { causeKind: 'power', causeId: zone.id };
  return buildOutage({ id, cells, fromMs, toMs, isSilent: true, ...cause });
}

function join(parts: readonly Built[]): Built {
  return {
    effects: parts.flatMap(({ effects }) => effects),
    truth: parts.flatMap(({ truth }) => truth),
  };
}

/**
 * A power zone goes dark, and with it the element manager that collects for all cells of the
 * zone's vendor: those elsewhere are well but not heard of, which is no incident.
 */
export function regionalPowerCut({ network, id, spec, random, script }: FaultContext): Built {
  const zone = pickResource(network, network.powerZones, random, spec.where);
  const fromMs = spec.fromMs;
  const toMs = fromMs + spec.durationMs;
  const outage = cutPower(network, script, { id, zone, fromMs, toMs });
  const vendor = network.sites[zone.sites[0] ?? 0]?.vendor;
  const dark = new Set(zone.sites);
  const unheard = network.sites.filter((site) => site.vendor === vendor && !dark.has(site.index));
  const cells = unheard.flatMap((site) => site.cells);
  const gap = { fromMs, toMs, cells, isUncollected: true };
  return { effects: [...outage.effects, gap], truth: outage.truth };
}

/**
 * A storm crosses half the region: a third of its power zones fail one after the other, two fibres
 * break. Each is an incident of its own with its own end.
 */
export function storm({ network, id, spec, random, script }: FaultContext): Built {
  const west = random.chance(0.5);
  const lons = network.sites.map(({ lon }) => lon).sort((a, b) => a - b);
  const middle = lons[lons.length >> 1] ?? 0;
  const isHit = (resource: SharedResource): boolean => {
    const lon = network.sites[resource.sites[0] ?? 0]?.lon ?? 0;
    return west ? lon <= middle : lon > middle;
  };
  const zones = network.powerZones.filter(isHit).filter(({ sites }) => sites.length > 1);
  const count = Math.max(2, Math.round(zones.length / 3));
  const dark = new Set<number>();
  const parts: Built[] = [];
  for (const zone of shuffle(zones, random.below.bind(random)).slice(0, count)) {
    for (const site of zone.sites) dark.add(site);
    const fromMs = spec.fromMs + Math.round(random.between(0, 0.5) * spec.durationMs);
    const endMs = spec.fromMs + spec.durationMs;
    const toMs = Math.min(endMs, fromMs + Math.round(random.between(40, 180)) * MINUTE);
    const part = `${id}-${parts.length + 1}`;
    parts.push(cutPower(network, script, { id: part, zone, fromMs, toMs }));
  }
  const fibres = network.fibres
    .filter(isHit)
    .filter(({ sites }) => sites.every((s) => !dark.has(s)));
  for (const fibre of shuffle(fibres, random.below.bind(random)).slice(0, 2)) {
    const fromMs = spec.fromMs + Math.round(random.between(0, 0.6) * spec.durationMs);
    const durationMs = spec.fromMs + spec.durationMs - fromMs;
    const part = `${id}-${parts.length + 1}`;
    parts.push(cutFibre(network, script, { id: part, fibre, fromMs, durationMs }));
  }
  return join(parts);
}

function shuffle<T>(items: readonly T[], below: (n: number) => number): T[] {
  const left = [...items];
  const mixed: T[] = [];
  while (left.length > 0) mixed.push(...left.splice(below(left.length), 1));
  return mixed;
}
