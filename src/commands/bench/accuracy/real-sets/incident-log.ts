import type { Anomaly } from '../../../../domain/anomaly.js';
import type { Incident } from '../../../../domain/incident.js';
import type { ReplayStep } from '../../../../replay.js';
import { rounded } from '../../figures.js';

/** An anomaly as a person reads it. A type, so that it counts as plain JSON. */
export type ListedAnomaly = {
  readonly object: string;
  readonly kpi: string;
  readonly startedAt: string;
  readonly observed: number | null;
  readonly expected: number | null;
  readonly reason: string;
};

/** An incident with what a person needs to judge it. A type, so that it counts as plain JSON. */
export type ListedIncident = {
  readonly startedAt: string;
  readonly openedAt: string;
  readonly endedAt: string | null;
  readonly objects: readonly string[];
  readonly explanation: string;
  /** strongest anomaly of each KPI, strongest first */
  readonly anomalies: readonly ListedAnomaly[];
};

const MOST_ANOMALIES = 3;

function listed(anomaly: Anomaly): ListedAnomaly {
  return {
    object: anomaly.objectId,
    kpi: anomaly.kpi === '' ? anomaly.kind : anomaly.kpi,
    startedAt: new Date(anomaly.startedAtMs).toISOString(),
    observed: rounded(anomaly.observed, 5),
    expected: rounded(anomaly.expected, 5),
    reason: anomaly.reason,
  };
}

/** Follows the steps of a replay: its incidents that opened, with their anomalies at their worst. */
export class IncidentLog {
  readonly #anomalies = new Map<string, Anomaly>();
  readonly #opened = new Map<string, { latest: Incident; readonly openedMs: number }>();
  readonly #inOpened = new Set<string>();

  /** Takes a step in. */
  add({ nowMs, events, changes }: ReplayStep): void {
    for (const event of events) {
      if (!('anomaly' in event)) continue;
      const known = this.#anomalies.get(event.anomaly.id);
      if (!known || event.anomaly.degree > known.degree)
        this.#anomalies.set(event.anomaly.id, event.anomaly);
    }
    for (const { incident } of changes) {
      if (incident.detectedAt === null) continue;
      for (const id of incident.anomalyIds) this.#inOpened.add(id);
      const known = this.#opened.get(incident.id);
      if (known) known.latest = incident;
      else this.#opened.set(incident.id, { latest: incident, openedMs: nowMs });
    }
  }

  /**
   * When the first incident opened after `fromMs` that rests on an anomaly of this object; undefined
   * when none did. Incidents that were open by then and only changed since do not count.
   */
  firstOpenedMs(objectId: string, fromMs: number): number | undefined {
    let firstMs: number | undefined;
    for (const { latest, openedMs } of this.#opened.values()) {
      if (firstMs !== undefined && firstMs <= openedMs) continue;
      if (!(Date.parse(latest.detectedAt ?? '') > fromMs)) continue;
      if (this.#anomaliesOf(latest).some((anomaly) => anomaly.objectId === objectId))
        firstMs = openedMs;
    }
    return firstMs;
  }

  /** Spells in which incidents held this object: from start of what was seen to its end. */
  spellsOf(objectId: string): { readonly fromMs: number; readonly toMs: number }[] {
    return [...this.#opened.values()]
      .filter(({ latest }) => this.#anomaliesOf(latest).some((each) => each.objectId === objectId))
      .map(({ latest: { startedAt, endedAt } }) => ({
        fromMs: Date.parse(startedAt),
        toMs: endedAt === null ? Number.POSITIVE_INFINITY : Date.parse(endedAt),
      }));
  }

  /** Incidents that opened, by their start; one that was merged is listed as what it goes on as. */
  list(): ListedIncident[] {
    return [...this.#opened.values()]
      .filter(({ latest }) => latest.mergedInto === undefined)
      .sort((a, b) => (a.latest.startedAt < b.latest.startedAt ? -1 : 1))
      .map(({ latest, openedMs }) => this.#describe(latest, openedMs));
  }

  /** Anomalies that no opened incident ever held, strongest first: what was seen and not said. */
  unsaid(): ListedAnomaly[] {
    return [...this.#anomalies.values()]
      .filter(({ id }) => !this.#inOpened.has(id))
      .sort((a, b) => b.score - a.score)
      .map(listed);
  }

  #anomaliesOf({ anomalyIds }: Incident): Anomaly[] {
    return anomalyIds.flatMap((id) => this.#anomalies.get(id) ?? []);
  }

  #describe(incident: Incident, openedMs: number): ListedIncident {
    const { startedAt, endedAt, explanation } = incident;
    const found = this.#anomaliesOf(incident).sort((a, b) => b.score - a.score);
    const strongest = found.filter(
      ({ kpi }, at) => found.findIndex((each) => each.kpi === kpi) === at,
    );
    return {
      startedAt,
      openedAt: new Date(openedMs).toISOString(),
      endedAt,
      objects: [...new Set(found.map(({ objectId }) => objectId))].sort(),
      explanation,
      anomalies: strongest.slice(0, MOST_ANOMALIES).map(listed),
    };
  }
}
