import { adjustedRandIndex } from './rand-index.js';
import type { ScoredIncident, ScoredReplay, TruthRow } from './replay-document.js';

const DAY_MS = 86_400_000;

/** What `tocsin score --json` prints. Shares are fractions of 1; null where nothing defines it. */
export interface Score {
  /** matched of the reported; 1 when nothing was reported */
  readonly precision: number;
  /** matched of the true; 1 when nothing was true */
  readonly recall: number;
  readonly f1: number;
  /** null without a match */
  readonly medianDelaySeconds: number | null;
  readonly adjustedRandIndex: number;
  /** of the matches whose truth names a cause; null when none does */
  readonly rightCauseFirst: number | null;
  /** null for a replay without cells or without length */
  readonly falseIncidentsPer1000CellDays: number | null;
}

/** A reported incident and the true one it stands for. */
export interface Match {
  readonly reportedId: string;
  readonly trueId: string;
  readonly sharedCellSeconds: number;
  readonly delaySeconds: number;
  /** null when the truth names no cause */
  readonly isRightCause: boolean | null;
}

/** The score with what led to it. */
export interface Scoring {
  readonly score: Score;
  /** greatest overlap first */
  readonly matches: readonly Match[];
  readonly falseIds: readonly string[];
  readonly missedIds: readonly string[];
  /** what each truth row is labelled by for the Rand index, in their order */
  readonly labels: readonly string[];
}

interface Reported {
  readonly incident: ScoredIncident;
  readonly fromMs: number;
  readonly toMs: number;
  readonly detectedMs: number;
}

interface Pair {
  readonly reported: Reported;
  readonly trueId: string;
  sharedMs: number;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Incidents that became open; one that still lasts, lasts to the end of the replay. */
function openedOnes(replay: ScoredReplay, endMs: number): Reported[] {
  return replay.incidents.flatMap((incident) => {
    if (incident.detectedAt === null) return [];
    const fromMs = Date.parse(incident.startedAt);
    const toMs = incident.endedAt === null ? endMs : Date.parse(incident.endedAt);
    const detectedMs = Date.parse(incident.detectedAt);
    return [{ incident, fromMs, toMs: Math.max(fromMs, toMs), detectedMs }];
  });
}

function byCell(reported: readonly Reported[]): Map<string, Reported[]> {
  const index = new Map<string, Reported[]>();
  for (const each of reported) {
    for (const cell of new Set(each.incident.cells)) {
      const list = index.get(cell);
      if (list === undefined) index.set(cell, [each]);
      else list.push(each);
    }
  }
  return index;
}

interface Overlap {
  readonly reported: Reported;
  readonly sharedMs: number;
}

/** Reported incidents that hold the row's cell within its time, widened by a period each side. */
function overlaps(
  row: TruthRow,
  index: ReadonlyMap<string, readonly Reported[]>,
  endMs: number,
  periodMs: number,
): Overlap[] {
  const fromMs = row.startedAtMs - periodMs;
  const toMs = (row.endedAtMs ?? Math.max(endMs, row.startedAtMs)) + periodMs;
  return (index.get(row.cellId) ?? []).flatMap((reported) => {
    const sharedMs = Math.min(toMs, reported.toMs) - Math.max(fromMs, reported.fromMs);
    return sharedMs > 0 ? [{ reported, sharedMs }] : [];
  });
}

/** Pairs one to one, greatest shared cell-seconds first, ties by reported then true id. */
function pairUp(candidates: readonly Pair[]): Pair[] {
  const order = [...candidates].sort(
    (a, b) =>
      b.sharedMs - a.sharedMs ||
      compare(a.reported.incident.id, b.reported.incident.id) ||
      compare(a.trueId, b.trueId),
  );
  const used = new Set<Reported>();
  const found = new Set<string>();
  return order.filter(({ reported, trueId }) => {
    if (used.has(reported) || found.has(trueId)) return false;
    used.add(reported);
    found.add(trueId);
    return true;
  });
}

/**
 * Whether the cause named first, or one over the very same cells that the report says can't be told
 * from it, is the true one: by id where the truth has one, else by kind.
 */
function isRightCause(incident: ScoredIncident, row: TruthRow): boolean | null {
  const { cause } = incident;
  const named = [cause, ...(cause.candidates[0]?.alike ?? [])];
  if (row.causeId !== null) return named.some(({ id }) => id === row.causeId);
  return row.causeKind === null ? null : named.some(({ kind }) => kind === row.causeKind);
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const high = sorted[sorted.length >> 1];
  const low = sorted[(sorted.length - 1) >> 1];
  return high === undefined || low === undefined ? null : (low + high) / 2;
}

function longest(found: readonly Overlap[]): Overlap | undefined {
  return [...found].sort(
    (a, b) => b.sharedMs - a.sharedMs || compare(a.reported.incident.id, b.reported.incident.id),
  )[0];
}

function cellDays(replay: ScoredReplay): number {
  if (replay.from === null || replay.to === null) return 0;
  return (replay.cells * (Date.parse(replay.to) - Date.parse(replay.from))) / DAY_MS;
}

/**
 * Compares a replay with the truth as CONTRACT's `score` defines it: matches share a cell and
 * overlap in time, the truth widened by one period each side, one to one; what is reported and not
 * matched is false, fragments of a matched incident too.
 *
 * @param periodMs what the truth is widened by
 */
export function scoreReplay(
  replay: ScoredReplay,
  truth: readonly TruthRow[],
  periodMs: number,
): Scoring {
  const endMs = replay.to === null ? Number.NEGATIVE_INFINITY : Date.parse(replay.to);
  const reported = openedOnes(replay, endMs);
  const index = byCell(reported);
  const pairs = new Map<string, Pair>();
  const labels: string[] = [];
  const firstRow = new Map<string, TruthRow>();
  truth.forEach((row, i) => {
    const known = firstRow.get(row.incidentId);
    if (known === undefined || row.startedAtMs < known.startedAtMs)
      firstRow.set(row.incidentId, row);
    const found = overlaps(row, index, endMs, periodMs);
    const label = longest(found)?.reported.incident.id;
    labels.push(label === undefined ? `alone ${i}` : `reported ${label}`);
    for (const { reported: each, sharedMs } of found) {
      const key = JSON.stringify([each.incident.id, row.incidentId]);
      const pair = pairs.get(key) ?? { reported: each, trueId: row.incidentId, sharedMs: 0 };
      pair.sharedMs += sharedMs;
      pairs.set(key, pair);
    }
  });
  const matches = pairUp([...pairs.values()]).map((pair) => matchOf(pair, firstRow));
  const rand = adjustedRandIndex(
    truth.map(({ incidentId }) => incidentId),
    labels,
  );
  return { ...conclude(replay, reported, [...firstRow.keys()], matches, rand), labels };
}

function matchOf(pair: Pair, firstRow: ReadonlyMap<string, TruthRow>): Match {
  const { reported, trueId, sharedMs } = pair;
  const row = firstRow.get(trueId);
  return {
    reportedId: reported.incident.id,
    trueId,
    sharedCellSeconds: sharedMs / 1000,
    delaySeconds: (reported.detectedMs - (row?.startedAtMs ?? reported.detectedMs)) / 1000,
    isRightCause: row === undefined ? null : isRightCause(reported.incident, row),
  };
}

function conclude(
  replay: ScoredReplay,
  reported: readonly Reported[],
  trueIds: readonly string[],
  matches: readonly Match[],
  rand: number,
): Omit<Scoring, 'labels'> {
  const matched = new Set(matches.map(({ reportedId }) => reportedId));
  const found = new Set(matches.map(({ trueId }) => trueId));
  const falseIds = reported.map(({ incident }) => incident.id).filter((id) => !matched.has(id));
  const missedIds = trueIds.filter((id) => !found.has(id));
  const precision = reported.length === 0 ? 1 : matches.length / reported.length;
  const recall = trueIds.length === 0 ? 1 : matches.length / trueIds.length;
  const causes = matches.flatMap(({ isRightCause: is }) => (is === null ? [] : [is]));
  const days = cellDays(replay);
  const score: Score = {
    precision,
    recall,
    f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
    medianDelaySeconds: median(matches.map(({ delaySeconds }) => delaySeconds)),
    adjustedRandIndex: rand,
    rightCauseFirst: causes.length === 0 ? null : causes.filter(Boolean).length / causes.length,
    falseIncidentsPer1000CellDays: days > 0 ? (falseIds.length * 1000) / days : null,
  };
  return { score, matches, falseIds: falseIds.sort(compare), missedIds: missedIds.sort(compare) };
}
