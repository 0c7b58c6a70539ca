import type { IncidentEvent, IncidentState } from '../domain/incident.js';
import type { RepairSource } from '../domain/repair.js';
import type { ServiceShares } from '../domain/services.js';
import type { Absorbed } from './absorbed.js';
import type { RankedCause } from './ranking.js';

/** One cell's part in an incident. Times are epoch ms. */
export interface CellSpell {
  sinceMs: number;
  /** share of service lost, the latest known */
  degree: number;
  /** what each service lost for one of `degree`, the greatest 1; absent: all lost the same */
  services?: ServiceShares;
  /** the worst that counters or silence showed; 0 when only an alarm spoke for it */
  peakDegree: number;
  /** since when nothing is known to be wrong with it; null while something is */
  wellSinceMs: number | null;
  /** well for so long that it no longer counts while the incident goes on */
  isGone: boolean;
}

/** A time to repair that a ticket or a person gave. Times are epoch ms. */
export interface RepairWord {
  readonly source: 'ticket' | 'operator';
  readonly atMs: number;
  /** when it was said */
  readonly asOfMs: number;
  readonly saidBy: string | null;
  readonly ticketId: string | null;
}

/** When service is expected back, who says so, and since when that holds. Times are epoch ms. */
export interface RepairOutlook {
  readonly source: RepairSource;
  readonly atMs: number;
  /** ends of the band; null where one time was given */
  readonly lowMs: number | null;
  readonly highMs: number | null;
  readonly asOfMs: number;
  /** past incidents with a known end behind it; 0 unless the model says it */
  readonly basedOn: number;
  /** what the model took the incident to be like */
  readonly traits: Readonly<Record<string, string>>;
  /** the person and the ticket that said so; null when the past or the rules did */
  readonly saidBy: string | null;
  readonly ticketId: string | null;
}

/** Why an incident is believed, in numbers, for its explanation. */
export interface Basis {
  readonly silent: number;
  readonly withoutTraffic: number;
  readonly degraded: number;
  /** silent cells that nothing could have witnessed */
  readonly undecided: number;
  /** cells that only an alarm speaks for */
  readonly byAlarm: number;
  /** most of its service that a function lost which counters watch, [0,1]; absent: no function did */
  readonly functionLoss?: number;
  /** the telling alarm, in words */
  readonly alarm: string | null;
  /** the strongest anomaly's reason */
  readonly reason: string | null;
}

/** What customers of a place do more of than they should, as an incident is told of it. */
export interface CustomersSay {
  readonly id: string;
  readonly name: string;
  readonly areas: readonly string[];
  /** key of what the areas share; null when that is no one resource */
  readonly resource: string | null;
  readonly count: number;
  readonly mean: number;
  readonly windowSeconds: number;
}

/**
 * One incident's life so far, by resource numbers of this process. `members` are the objects whose
 * failure it explains (object → onset), `cells` what customers lost. Times are epoch ms.
 */
export interface Episode {
  readonly id: string;
  lineageId: string;
  absorbedLineages: string[];
  mergedInto: string | null;
  revision: number;
  state: IncidentState;
  readonly createdAtMs: number;
  startedAtMs: number;
  /** whether an alarm says the start to the second */
  isStartExact: boolean;
  detectedAtMs: number | null;
  endedAtMs: number | null;
  repair: RepairOutlook | null;
  /** what an operator said of it last */
  told: RepairWord | null;
  /** the last time that was announced, once it has passed without repair */
  overrun: RepairWord | null;
  /** when the repair time is looked at again; null: when there is a reason to */
  reviewAtMs: number | null;
  /** most cells it had until its first reports were in: its size, before its length tells */
  firstCells: number;
  /** incidents going on when it opened, itself included; 0 before */
  goingThen: number;
  readonly members: Map<number, number>;
  readonly cells: Map<number, CellSpell>;
  /** how many of its users neighbours serve; absent where nothing was measured */
  absorbed?: Absorbed | undefined;
  causes: RankedCause[];
  probability: number;
  /** least probability so far that it is no failure after all, as the track record has it */
  doubt: number;
  /** the track record's grade of the surest it was; null before it opened */
  grade: number | null;
  /** KPIs whose anomalies spoke for it */
  readonly kpis: Set<string>;
  /** the most evidence there was at once, in nats: the causes are what it said */
  peakNats: number;
  readonly alarmIds: Set<string>;
  readonly anomalyIds: Set<string>;
  workId: string | null;
  /** the planned work should be over */
  hasOverrun: boolean;
  acknowledgedBy: string | null;
  /** a person said what belongs to it: it keeps that, and evidence alone does not divide it */
  isPinned: boolean;
  /** the person who said what the cause is, and why */
  causeSetBy: { readonly actor: string; readonly why: string } | null;
  /** end of the silence an operator ordered over all of it; null when there is none */
  silencedUntilMs: number | null;
  lastJoinMs: number;
  /** end of the last thing that was wrong, while nothing is; null while something is */
  quietSinceMs: number | null;
  /** when it was first seen quiet: what the waits are counted from */
  quietSeenMs: number | null;
  resolvedAtMs: number | null;
  /** how often it came back after it seemed over */
  returns: number;
  isDismissed: boolean;
  /** an import took all of it out of the inventory */
  isTakenOut?: boolean;
  /** what customers say, while nothing but that speaks for it; null for what the network shows */
  customers: readonly CustomersSay[] | null;
  basis: Basis;
  /** events since it was last handed on */
  events: IncidentEvent[];
  /** what was last handed on, without revision: to see whether something changed */
  lastSaid: string;
}

const NO_BASIS: Basis = {
  silent: 0,
  withoutTraffic: 0,
  degraded: 0,
  undecided: 0,
  byAlarm: 0,
  alarm: null,
  reason: null,
};

/** A new incident that is only suspected so far. */
export function newEpisode(id: string, lineageId: string, atMs: number): Episode {
  return {
    id,
    lineageId,
    absorbedLineages: [],
    mergedInto: null,
    revision: 0,
    state: 'suspected',
    createdAtMs: atMs,
    startedAtMs: atMs,
    isStartExact: false,
    detectedAtMs: null,
    endedAtMs: null,
    repair: null,
    told: null,
    overrun: null,
    reviewAtMs: null,
    firstCells: 0,
    goingThen: 0,
    members: new Map(),
    cells: new Map(),
    causes: [],
    probability: 0,
    doubt: 1,
    grade: null,
    kpis: new Set(),
    peakNats: 0,
    alarmIds: new Set(),
    anomalyIds: new Set(),
    workId: null,
    hasOverrun: false,
    acknowledgedBy: null,
    isPinned: false,
    causeSetBy: null,
    silencedUntilMs: null,
    lastJoinMs: atMs,
    quietSinceMs: null,
    quietSeenMs: null,
    resolvedAtMs: null,
    returns: 0,
    isDismissed: false,
    customers: null,
    basis: NO_BASIS,
    events: [],
    lastSaid: '',
  };
}

/** Records a change and why. */
export function note(episode: Episode, atMs: number, kind: string, reason: string): void {
  episode.events.push({ at: new Date(atMs).toISOString(), kind, reason });
}

/** The resource held to be the cause; -1 when it is no one resource. */
export function causeOf(episode: Episode): number {
  return episode.causes[0]?.resource ?? -1;
}

/** Open or recovering: customers are told and flags are kept. */
export function isRunning(episode: Episode): boolean {
  return episode.state === 'open' || episode.state === 'recovering';
}

/** Suspected, open, recovering or resolved: it may still change by itself. */
export function isAlive(episode: Episode): boolean {
  return episode.state !== 'closed';
}

/** Share of service a cell lost: what is known now, or the worst once it is well again. */
export function lossOf({ degree, peakDegree, wellSinceMs }: CellSpell): number {
  return wellSinceMs === null || peakDegree === 0 ? degree : peakDegree;
}

/** Cells that count now, or, once it is over, that ever counted. */
export function countedCells(episode: Episode): [number, CellSpell][] {
  const isOver = episode.state === 'resolved' || episode.state === 'closed';
  const counted: [number, CellSpell][] = [];
  for (const each of episode.cells) if (isOver || !each[1].isGone) counted.push(each);
  return counted;
}
