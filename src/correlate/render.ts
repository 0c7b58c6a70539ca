import type { CauseCandidate, Incident } from '../domain/incident.js';
import type { Repair, RepairWord } from '../domain/repair.js';
import { eachService } from '../domain/services.js';
import { areaWords, evidenceOf, explanationOf, riseWords, severityOf } from './describe.js';
import {
  type CellSpell,
  countedCells,
  type Episode,
  lossOf,
  type RepairOutlook,
  type RepairWord as Word,
} from './episode.js';
import type { RankedCause } from './ranking.js';
import type { World } from './world.js';

/** More ids than this are not listed: an incident that flaps for weeks would grow without bound. */
const IDS_LISTED = 20_000;

function iso(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}

/** As `toISOString`, for many moments of which most are the one before. */
function isoOfAlike(): (atMs: number) => string {
  let knownMs = Number.NaN;
  let text = '';
  return (atMs) => {
    if (atMs !== knownMs) text = new Date(atMs).toISOString();
    knownMs = atMs;
    return text;
  };
}

function candidate(world: World, episode: Episode, cause: RankedCause): CauseCandidate {
  const { resource } = cause;
  const probability = Math.round(cause.probability * 10_000) / 10_000;
  const evidence = evidenceOf(world, cause);
  if (episode.causeSetBy !== null)
    evidence.unshift(`${episode.causeSetBy.actor} says so: ${episode.causeSetBy.why}`);
  if (resource < 0) return { kind: 'several', id: '', probability, evidence };
  const named = { kind: world.space.kindOf(resource), id: world.space.idOf(resource) };
  if (cause.alike.length === 0) return { ...named, probability, evidence };
  const alike = cause.alike.map((each) => ({
    kind: world.space.kindOf(each),
    id: world.space.idOf(each),
  }));
  return { ...named, probability, evidence, alike };
}

function siteIds(world: World, cells: readonly number[], members: Iterable<number>): string[] {
  const sites = new Set<string>();
  for (const resource of [...cells, ...members]) {
    const site = world.space.siteOf(resource);
    if (world.space.typeOf(site) === 'site') sites.add(world.space.idOf(site));
  }
  return [...sites].sort();
}

function repairOf(outlook: RepairOutlook): Repair {
  const { source, atMs, lowMs, highMs, asOfMs, basedOn } = outlook;
  return {
    source,
    at: new Date(atMs).toISOString(),
    low: iso(lowMs),
    high: iso(highMs),
    asOf: new Date(asOfMs).toISOString(),
    ...speakerOf(outlook),
    basedOn,
  };
}

function speakerOf({
  saidBy,
  ticketId,
}: Word | RepairOutlook): Pick<Repair, 'saidBy' | 'ticketId'> {
  return { ...(saidBy === null ? {} : { saidBy }), ...(ticketId === null ? {} : { ticketId }) };
}

function wordOf(word: Word): RepairWord {
  const { source, atMs, asOfMs } = word;
  const at = new Date(atMs).toISOString();
  return { source, at, asOf: new Date(asOfMs).toISOString(), ...speakerOf(word) };
}

/** Rounded to a ten-thousandth, so that it does not change with every decision. */
function certaintyOf({ doubt }: Episode): number {
  return Math.floor((1 - doubt) * 10_000 + 1e-9) / 10_000;
}

/** A share, rounded to a ten-thousandth. */
function share(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000;
}

/** What a cell lost, by service where they differ. */
function lossesOf(spell: CellSpell): Pick<Incident['cells'][number], 'degree' | 'services'> {
  const degree = lossOf(spell);
  const { services } = spell;
  if (services === undefined) return { degree: share(degree) };
  const lost = eachService((service) => share(services[service] * degree));
  return { degree: share(degree), services: lost };
}

function absorbedOf({ absorbed }: Episode): Pick<Incident, 'absorbed'> {
  if (absorbed === undefined) return {};
  const { share, neighbours, asOfMs } = absorbed;
  return { absorbed: { share, neighbours, asOf: new Date(asOfMs).toISOString() } };
}

/** Where customers say that something is wrong: the place, of which no cause is known. */
function customersAt(world: World, { customers }: Episode): CauseCandidate[] {
  const [first] = customers ?? [];
  if (first === undefined) return [];
  const evidence = (customers ?? []).map((each) => `customers: ${riseWords(each)}`);
  return [{ kind: 'area', id: areaWords(world, first), probability: 0, evidence }];
}

/** The incident as the rest of Tocsin sees it. Cells by id; candidates most probable first. */
export function renderIncident(world: World, episode: Episode): Incident {
  const counted = countedCells(episode);
  const isoOf = isoOfAlike();
  const cells = counted
    .map(([cell, spell]) => ({
      cellId: world.space.idOf(cell),
      ...lossesOf(spell),
      // A report that is absent says no more than its period; an alarm dates the incident better.
      since: isoOf(Math.max(spell.sinceMs, episode.startedAtMs)),
    }))
    .sort((a, b) => (a.cellId < b.cellId ? -1 : a.cellId > b.cellId ? 1 : 0));
  const candidates = episode.causes.map((cause) => candidate(world, episode, cause));
  const [first] = candidates.length > 0 ? candidates : customersAt(world, episode);
  const work = world.space.topology.works.find(({ workId }) => workId === episode.workId);
  const { absorbedLineages, mergedInto } = episode;
  return {
    schemaVersion: 1,
    id: episode.id,
    lineageId: episode.lineageId,
    revision: episode.revision,
    state: episode.state,
    startedAt: new Date(episode.startedAtMs).toISOString(),
    detectedAt: iso(episode.detectedAtMs),
    endedAt: iso(episode.endedAtMs),
    estimatedRepairAt: iso(episode.repair?.atMs ?? null),
    ...(episode.repair === null ? {} : { repair: repairOf(episode.repair) }),
    ...(episode.overrun === null ? {} : { repairOverrun: wordOf(episode.overrun) }),
    cells,
    ...absorbedOf(episode),
    sites: siteIds(
      world,
      counted.map(([cell]) => cell),
      episode.members.keys(),
    ),
    cause: {
      kind: first?.kind ?? 'unknown',
      id: first?.id ?? '',
      probability: first?.probability ?? 0,
      candidates: first === undefined || candidates.length > 0 ? candidates : [first],
      ...(episode.causeSetBy === null ? {} : { setBy: episode.causeSetBy.actor }),
    },
    ...(episode.detectedAtMs === null ? {} : { certainty: certaintyOf(episode) }),
    ...(episode.kpis.size === 0 ? {} : { kpis: [...episode.kpis].sort() }),
    severity: severityOf(world, episode, counted),
    explanation: explanationOf(world, episode, counted),
    alarmIds: [...episode.alarmIds].sort().slice(0, IDS_LISTED),
    anomalyIds: [...episode.anomalyIds].sort().slice(0, IDS_LISTED),
    plannedWorkId: episode.workId,
    ...(work === undefined ? {} : { plannedWorkEndsAt: new Date(work.endsAtMs).toISOString() }),
    acknowledgedBy: episode.acknowledgedBy,
    ...(episode.silencedUntilMs === null
      ? {}
      : { silencedUntil: new Date(episode.silencedUntilMs).toISOString() }),
    ...(episode.isTakenOut === true ? { isTakenOut: true } : {}),
    ...(mergedInto === null ? {} : { mergedInto }),
    ...(absorbedLineages.length === 0 ? {} : { absorbedLineages: [...absorbedLineages].sort() }),
  };
}
