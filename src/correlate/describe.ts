import type { Incident } from '../domain/incident.js';
import { type CellSpell, type CustomersSay, type Episode, lossOf } from './episode.js';
import type { RankedCause } from './ranking.js';
import type { World } from './world.js';

/** A moment for people: `2026-03-01 12:07 UTC`. */
export function clock(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `1 cell`, `12 cells`. */
export function cellWords(count: number): string {
  return count === 1 ? '1 cell' : `${count} cells`;
}

const KIND_WORDS: Readonly<Record<string, string>> = {
  cell: 'cell',
  sector: 'sector',
  site: 'site',
  transport: 'transport line',
  aggregation: 'aggregation',
  power: 'power supply',
  core: 'core',
  software: 'software version',
  unknown: 'object',
};

/** A resource for people: `site S12`, `transport line L7`. */
export function resourceWords(world: World, resource: number): string {
  const kind = world.space.kindOf(resource);
  return `${KIND_WORDS[kind] ?? kind} ${world.space.idOf(resource)}`;
}

/** The cause for people, with how sure it is. */
export function causeWords(world: World, episode: Episode): string {
  const [first] = episode.causes;
  if (first === undefined) return 'cause unknown';
  if (first.resource < 0) return 'several failures at once';
  const words = resourceWords(world, first.resource);
  if (first.probability >= 0.9) return words;
  return first.probability >= 0.6 ? `probably ${words}` : `possibly ${words}`;
}

/** What customers do more of, against what is usual: `34 complaints in 30 min, 6.2 are usual`. */
export function riseWords({ name, count, mean, windowSeconds }: Said): string {
  const usual = Number(mean.toPrecision(2));
  return `${Math.round(count)} ${name} within ${Math.round(windowSeconds / 60)} min, ${usual} are usual`;
}

type Said = Pick<CustomersSay, 'name' | 'count' | 'mean' | 'windowSeconds'>;

/** Most areas that are named one by one. */
const AREAS_NAMED = 3;

/** The place that customers share: what their areas depend on, or the areas. */
export function areaWords(
  world: World,
  { resource, areas }: Pick<CustomersSay, 'resource' | 'areas'>,
): string {
  const named =
    areas.length > AREAS_NAMED
      ? `${areas.slice(0, AREAS_NAMED).join(', ')} and ${areas.length - AREAS_NAMED} more areas`
      : areas.join(', ');
  if (resource === null) return named;
  const words = resourceWords(world, world.space.fromKey(resource));
  return areas.length === 1 ? named : `${named}, which share ${words}`;
}

function customerSentences(world: World, episode: Episode, says: readonly CustomersSay[]): string {
  const words = says.map((each) => `${riseWords(each)} in ${areaWords(world, each)}`);
  const since = clock(episode.startedAtMs);
  const end =
    episode.mergedInto !== null
      ? ` Goes on as ${episode.mergedInto}.`
      : episode.state === 'closed'
        ? ` Over since ${clock(episode.endedAtMs ?? episode.startedAtMs)}.`
        : ' No counter or alarm shows anything wrong there; nobody is told of it.';
  return `Customers say so: ${words.join('; ')}, since ${since}.${end}`;
}

/** Evidence for one candidate, as short phrases. */
export function evidenceOf(world: World, cause: RankedCause): string[] {
  const evidence = [`explains ${cause.explained} of ${cause.failed} failed objects`];
  if (cause.resource < 0) return ['what failed has no one resource in common that explains it'];
  if (cause.healthy > 0) evidence.push(`${cellWords(cause.healthy)} under it report and are well`);
  for (const { severity, specificProblem, probableCause } of world.alarms.of(cause.resource))
    evidence.push(`${severity} alarm "${specificProblem ?? probableCause}" of its own`);
  if (cause.alike.length > 0) {
    const others = cause.alike.map((each) => resourceWords(world, each)).join(', ');
    evidence.push(`the very same cells as ${others}: only an alarm could tell them apart`);
  }
  return evidence;
}

/** Cells with their part in an incident, as `countedCells` has them. */
type Counted = readonly (readonly [number, CellSpell])[];

/** Cells lost, a degraded one counted by its degree. */
function cellsLost(counted: Counted): number {
  return counted.reduce((sum, [, spell]) => sum + lossOf(spell), 0);
}

/** A function that loses this share of its service is down for all who need it, or nearly. */
const FUNCTION_DOWN = 0.5;

/**
 * How bad it is, by cells lost. A function (a core node, the network as a whole) of which no cell is
 * known to suffer hurts people all the same: it is major, from half of its service lost critical.
 * Of what only customers say nothing is known of what is lost: minor.
 * @param counted its cells, as `countedCells` has them
 */
export function severityOf(world: World, episode: Episode, counted: Counted): Incident['severity'] {
  if (episode.customers !== null) return 'minor';
  const { criticalCells, majorCells, minorCells } = world.rules.severity;
  const lost = cellsLost(counted);
  const { functionLoss } = episode.basis;
  if (functionLoss !== undefined && lost < majorCells)
    return functionLoss >= FUNCTION_DOWN ? 'critical' : 'major';
  if (lost >= criticalCells) return 'critical';
  if (lost >= majorCells) return 'major';
  return lost >= minorCells ? 'minor' : 'warning';
}

function extentWithoutCells(world: World, episode: Episode): string {
  const { functionLoss } = episode.basis;
  const cause = episode.causes[0]?.resource ?? -1;
  const isBare = cause < 0 || world.space.sizeOf(cause) === 0;
  const cells = isBare ? 'no cell of the inventory depends on it' : 'no cell shows it';
  if (functionLoss === undefined) return cells;
  const percent = Number((functionLoss * 100).toPrecision(2));
  return `it has lost about ${percent} % of its service since ${clock(episode.startedAtMs)}; ${cells}`;
}

function extentWords(world: World, episode: Episode, cells: Counted): string {
  const sites = new Set(cells.map(([cell]) => world.space.siteOf(cell)));
  const where = sites.size > 1 ? ` at ${sites.size} sites` : '';
  const mean = cellsLost(cells) / Math.max(1, cells.length);
  const verb = cells.length === 1 ? 'has' : 'have';
  const loss =
    mean >= 0.8
      ? `${verb} no service`
      : `${verb} lost about ${Math.round(mean * 100)} % of service`;
  if (cells.length === 0) return extentWithoutCells(world, episode);
  return `${cellWords(cells.length)}${where} ${loss} since ${clock(episode.startedAtMs)}`;
}

function basisWords(episode: Episode): string {
  const { silent, undecided, withoutTraffic, degraded, byAlarm, alarm, reason } = episode.basis;
  const parts = [
    silent > 0 ? `${silent} silent` : '',
    undecided > 0 ? `${undecided} silent, which nothing could confirm or deny` : '',
    withoutTraffic > 0 ? `${withoutTraffic} without traffic` : '',
    degraded > 0 ? `${degraded} degraded` : '',
    byAlarm > 0 ? `${byAlarm} by alarm, counters not in yet` : '',
  ].filter((part) => part !== '');
  const cells = parts.length > 0 ? `${parts.join(', ')}; ` : '';
  if (alarm !== null) return `Evidence: ${cells}${alarm}.`;
  if (reason !== null) return `Evidence: ${cells}${reason}.`;
  const risen = silent > 0 ? '; neighbours carry more' : '';
  return parts.length > 0 ? `Evidence: ${parts.join(', ')}${risen}.` : '';
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What else it could be: a cell's own sector and site, when they hold nothing else, go without saying. */
function namedBeside(world: World, { resource, alike }: RankedCause): string[] {
  const isCell = resource >= 0 && world.space.isCell(resource);
  return alike
    .filter((each) => world.space.typeOf(each) !== 'sector')
    .filter((each) => !isCell || world.space.typeOf(each) !== 'site')
    .map((each) => resourceWords(world, each));
}

/**
 * What happened and why it is believed, in two or three sentences for a tired operator.
 * @param counted its cells, as `countedCells` has them
 */
export function explanationOf(world: World, episode: Episode, counted: Counted): string {
  if (episode.customers !== null) return customerSentences(world, episode, episode.customers);
  const first = episode.causes[0];
  const cause = capital(causeWords(world, episode));
  const sentences = [`${cause}: ${extentWords(world, episode, counted)}.`];
  const work = world.space.topology.works.find(({ workId }) => workId === episode.workId);
  if (work !== undefined) {
    const what = work.description === undefined ? '' : ` (${work.description})`;
    const until = clock(work.endsAtMs);
    sentences.unshift(
      !episode.hasOverrun
        ? `Planned work ${work.workId}${what} until ${until}.`
        : `Planned work ${work.workId}${what} should have ended at ${until}.`,
    );
  }
  if (episode.mergedInto !== null) sentences.push(`Goes on as ${episode.mergedInto}.`);
  else if (episode.state === 'recovering') sentences.push('Nothing is wrong at the moment.');
  else if (episode.state === 'resolved' || episode.state === 'closed')
    sentences.push(`Over since ${clock(episode.endedAtMs ?? episode.startedAtMs)}.`);
  else sentences.push(basisWords(episode));
  const others = first === undefined ? [] : namedBeside(world, first);
  if (others.length > 0) sentences.push(`Could as well be ${others.join(', ')}.`);
  return sentences.filter((sentence) => sentence !== '').join(' ');
}
