import type { DetectEvent } from './domain/anomaly.js';
import type { Incident, IncidentChange, TelemetryGap } from './domain/incident.js';
import type { ReplayStep, ReplayTotals } from './replay.js';

/** One anomaly of `replay --json`; times ISO 8601 UTC. */
export interface ReplayedAnomaly {
  readonly objectId: string;
  readonly kpi: string;
  readonly startedAt: string;
  readonly detectedAt: string;
  endedAt: string | null;
  observed: number | null;
  expected: number | null;
  score: number;
  reason: string;
}

/** One incident of `replay --json`; `cells` and `sites` are all it ever held. */
export type ReplayedIncident = Pick<
  Incident,
  | 'id'
  | 'lineageId'
  | 'state'
  | 'startedAt'
  | 'detectedAt'
  | 'endedAt'
  | 'cause'
  | 'severity'
  | 'explanation'
> & { readonly cells: readonly string[]; readonly sites: readonly string[] };

/** What `tocsin replay --json` prints. */
export interface ReplayReport {
  readonly samples: number;
  readonly objects: number;
  readonly cells: number;
  readonly from: string | null;
  readonly to: string | null;
  readonly rejected: readonly { readonly reason: string; readonly count: number }[];
  readonly anomalies: readonly ReplayedAnomaly[];
  readonly incidents: readonly ReplayedIncident[];
  readonly telemetryGaps: readonly {
    readonly from: string;
    readonly to: string | null;
    readonly feed: string;
    readonly cells: readonly string[];
  }[];
}

/** Gathers the steps of a replay into its report. */
export class ReplayReporter {
  readonly #anomalies = new Map<string, ReplayedAnomaly>();
  readonly #incidents = new Map<
    string,
    { latest: Incident; cells: Set<string>; sites: Set<string> }
  >();
  readonly #gaps = new Map<string, TelemetryGap>();
  readonly #objects = new Set<string>();
  readonly #cells = new Set<string>();
  readonly #rejected = new Map<string, number>();

  /** Takes a step in. */
  add({ events, changes, gaps }: ReplayStep): void {
    for (const event of events) this.#addEvent(event);
    for (const change of changes) this.#addIncident(change);
    for (const gap of gaps) this.#gaps.set(JSON.stringify([gap.feed, gap.fromMs]), gap);
  }

  /** Counts something that could not be read. */
  reject(reason: string): void {
    this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + 1);
  }

  /** Everything so far, in an order that follows from the content. */
  report(totals: ReplayTotals): ReplayReport {
    const iso = (ms: number): string => new Date(ms).toISOString();
    const found = [...this.#rejected].map(([reason, count]) => ({ reason, count }));
    for (const reason of ['duplicates', 'conflicts', 'late'] as const) {
      if (totals[reason] > 0) found.push({ reason: `report.${reason}`, count: totals[reason] });
    }
    return {
      samples: totals.samples,
      objects: this.#objects.size,
      cells: this.#cells.size,
      from: Number.isFinite(totals.fromMs) ? iso(totals.fromMs) : null,
      to: Number.isFinite(totals.toMs) ? iso(totals.toMs) : null,
      rejected: found.sort((a, b) => compare(a.reason, b.reason)),
      anomalies: [...this.#anomalies.values()].sort(
        (a, b) =>
          compare(a.detectedAt, b.detectedAt) ||
          compare(a.objectId, b.objectId) ||
          compare(a.kpi, b.kpi),
      ),
      // What was merged goes on as another incident and is listed there.
      incidents: [...this.#incidents.values()]
        .filter(({ latest }) => latest.mergedInto === undefined)
        .map(asReplayed)
        .sort(byTime),
      telemetryGaps: [...this.#gaps.values()]
        .sort((a, b) => a.fromMs - b.fromMs || compare(a.feed, b.feed))
        .map((gap) => ({
          from: iso(gap.fromMs),
          to: gap.toMs === null ? null : iso(gap.toMs),
          feed: gap.feed,
          cells: [...gap.cells].sort(compare),
        })),
    };
  }

  #addEvent(event: DetectEvent): void {
    if (event.type === 'observed') {
      this.#objects.add(`${event.objectType}/${event.objectId}`);
      if (event.objectType === 'cell') this.#cells.add(event.objectId);
      return;
    }
    if (event.type === 'surplus' || event.type === 'rise') return;
    const { anomaly } = event;
    const known = this.#anomalies.get(anomaly.id);
    const endedAt = anomaly.endedAtMs === null ? null : new Date(anomaly.endedAtMs).toISOString();
    if (known) {
      known.endedAt = endedAt;
      if (event.type !== 'updated' || anomaly.score <= known.score) return;
      const { observed, expected, score, reason } = anomaly;
      Object.assign(known, { observed, expected, score, reason });
      return;
    }
    this.#anomalies.set(anomaly.id, {
      objectId: anomaly.objectId,
      kpi: anomaly.kpi,
      startedAt: new Date(anomaly.startedAtMs).toISOString(),
      detectedAt: new Date(anomaly.detectedAtMs).toISOString(),
      endedAt,
      observed: anomaly.observed,
      expected: anomaly.expected,
      score: anomaly.score,
      reason: anomaly.reason,
    });
  }

  #addIncident({ incident }: IncidentChange): void {
    const known = this.#incidents.get(incident.id);
    const entry = known ?? { latest: incident, cells: new Set(), sites: new Set() };
    if (!known) this.#incidents.set(incident.id, entry);
    entry.latest = incident;
    for (const { cellId } of incident.cells) entry.cells.add(cellId);
    for (const site of incident.sites) entry.sites.add(site);
  }
}

function asReplayed(entry: {
  readonly latest: Incident;
  readonly cells: ReadonlySet<string>;
  readonly sites: ReadonlySet<string>;
}): ReplayedIncident {
  const { id, lineageId, state, startedAt, detectedAt, endedAt, cause, severity, explanation } =
    entry.latest;
  return {
    id,
    lineageId,
    state,
    startedAt,
    detectedAt,
    endedAt,
    cells: [...entry.cells].sort(compare),
    sites: [...entry.sites].sort(compare),
    cause,
    severity,
    explanation,
  };
}

function byTime(a: ReplayedIncident, b: ReplayedIncident): number {
  return compare(a.startedAt, b.startedAt) || compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
