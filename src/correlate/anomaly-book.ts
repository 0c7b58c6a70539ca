import { IANAZone } from 'luxon';
import type { Anomaly } from '../domain/anomaly.js';
import type { KpiDefinition } from '../domain/kpi.js';
import type { LaneSpec } from '../domain/lane.js';
import { SERVICES, type Service, type ServiceShares } from '../domain/services.js';
import type { CorrelationRules } from './rules.js';

type Role = 'availability' | 'traffic' | 'quality';

/** What correlation knows of the feeds: the meaning of their KPIs and how long a period is. */
export interface FeedFacts {
  /** meaning of a feed's KPI; quality when nothing is known */
  roleOf(feed: string, kpi: string): Role;
  /** services that users lose when a feed's KPI is bad; all when nothing is known */
  servicesOf(feed: string, kpi: string): readonly Service[];
  /** longest reporting period of any feed, ms */
  readonly periodMs: number;
  /** longest period and lateness together, ms */
  readonly reportedAfterMs: number;
  /** local time less UTC at a moment, ms: in the first feed's zone */
  offsetMs(atMs: number): number;
}

const DEFAULT_PERIOD_MS = 900_000;
const DEFAULT_LATENESS_MS = 300_000;

/** Gathers what lanes say; without lanes 15-minute reports that are 5 minutes late are assumed. */
export function feedFacts(lanes: readonly LaneSpec[]): FeedFacts {
  const meanings = new Map<string, Map<string, KpiDefinition>>();
  let periodMs = lanes.length === 0 ? DEFAULT_PERIOD_MS : 0;
  let reportedAfterMs = lanes.length === 0 ? DEFAULT_PERIOD_MS + DEFAULT_LATENESS_MS : 0;
  for (const lane of lanes) {
    periodMs = Math.max(periodMs, lane.periodSeconds * 1000);
    reportedAfterMs = Math.max(reportedAfterMs, (lane.periodSeconds + lane.latenessSeconds) * 1000);
    const ofFeed = meanings.get(lane.feed) ?? new Map<string, KpiDefinition>();
    for (const { name, definition } of lane.kpis) ofFeed.set(name, definition);
    meanings.set(lane.feed, ofFeed);
  }
  const zone = IANAZone.create(lanes[0]?.zone ?? 'UTC');
  return {
    offsetMs: (atMs) => zone.offset(atMs) * 60_000,
    roleOf: (feed, kpi) => meanings.get(feed)?.get(kpi)?.role ?? 'quality',
    servicesOf: (feed, kpi) => meanings.get(feed)?.get(kpi)?.services ?? SERVICES,
    periodMs,
    reportedAfterMs,
  };
}

const LEAST_CHANCE = 1e-12;

/** How surprised to be at an anomaly if nothing has failed: `-ln P` of its score, in nats. */
export function surpriseOf(anomaly: Anomaly): number {
  return -Math.log(Math.max(LEAST_CHANCE, 1 - anomaly.score));
}

/**
 * Evidence of one anomaly in nats. A score is the improbability that chance alone did it; a deviation
 * counts by it, by the KPI's role and by how much service is lost.
 */
export function anomalyNats(anomaly: Anomaly, role: Role, rules: CorrelationRules): number {
  const { evidence } = rules;
  const surprise = surpriseOf(anomaly);
  if (anomaly.kind === 'silence') return Math.min(evidence.silenceNats, surprise);
  if (anomaly.kind === 'zeroTraffic') return evidence.zeroTrafficNats;
  if (anomaly.kind === 'limit') return evidence.limitNats;
  const full = anomaly.objectType === 'function' ? evidence.fullDegreeWide : evidence.fullDegree;
  const depth = Math.min(1, anomaly.degree / full[role]);
  return evidence.deviation[role] * Math.min(evidence.scoreCapNats, surprise) * depth;
}

/** Adds dependent evidence: each further item counts a share of what the one before counted. */
export function addDependent(nats: readonly number[], share: number): number {
  let sum = 0;
  let weight = 1;
  for (const each of [...nats].sort((a, b) => b - a)) {
    sum += weight * each;
    weight *= share;
  }
  return sum;
}

/** What counters say of one object now. Times are epoch ms. */
export interface ObjectVerdict {
  /** evidence without silence, which needs a witness first */
  readonly nats: number;
  /** evidence of the silence, if a witness agrees; 0 when it reports */
  readonly silenceNats: number;
  /** share of service lost, silence included */
  readonly degree: number;
  /** the same by service, by what its KPIs speak of; the greatest is `degree` */
  readonly services: ServiceShares;
  readonly sinceMs: number;
  readonly knownAtMs: number;
  /** silent and nothing else wrong */
  readonly silentOnly: boolean;
  /** nothing wrong but deviations in quality: calls fail or are slow */
  readonly isSlowOnly: boolean;
  readonly anomalies: readonly Anomaly[];
}

const NO_ANOMALIES: readonly Anomaly[] = [];

/** Active anomalies by resource. */
export class AnomalyBook {
  readonly #rules: CorrelationRules;
  readonly #feeds: FeedFacts;
  /** never empty, by id */
  readonly #byResource = new Map<number, readonly Anomaly[]>();
  readonly #verdicts = new Map<number, ObjectVerdict>();

  constructor(rules: CorrelationRules, feeds: FeedFacts) {
    this.#rules = rules;
    this.#feeds = feeds;
  }

  /** Adds the anomaly or replaces what was known of it. */
  put(resource: number, anomaly: Anomaly): void {
    const others = this.of(resource).filter(({ id }) => id !== anomaly.id);
    const active = [...others, anomaly].sort((a, b) => (a.id < b.id ? -1 : 1));
    this.#byResource.set(resource, active);
    this.#verdicts.delete(resource);
  }

  /** Removes an anomaly that ended. @returns whether it was known */
  remove(resource: number, anomalyId: string): boolean {
    const active = this.of(resource);
    const others = active.filter(({ id }) => id !== anomalyId);
    if (others.length === active.length) return false;
    if (others.length === 0) this.#byResource.delete(resource);
    else this.#byResource.set(resource, others);
    this.#verdicts.delete(resource);
    return true;
  }

  /** Whether the resource has an active anomaly. */
  has(resource: number): boolean {
    return this.#byResource.has(resource);
  }

  /** Resources with an active anomaly. */
  resources(): IterableIterator<number> {
    return this.#byResource.keys();
  }

  /** Active anomalies of one resource, by id. */
  of(resource: number): readonly Anomaly[] {
    return this.#byResource.get(resource) ?? NO_ANOMALIES;
  }

  /** Undefined when nothing is wrong with the resource. */
  verdict(resource: number): ObjectVerdict | undefined {
    const known = this.#verdicts.get(resource);
    if (known !== undefined) return known;
    const anomalies = this.of(resource);
    if (anomalies.length === 0) return undefined;
    const verdict = this.#judge(anomalies);
    this.#verdicts.set(resource, verdict);
    return verdict;
  }

  #judge(anomalies: readonly Anomaly[]): ObjectVerdict {
    const byKpi = new Map<string, number>();
    let degree = 0;
    let sinceMs = Number.POSITIVE_INFINITY;
    let knownAtMs = Number.POSITIVE_INFINITY;
    let silentOnly = true;
    let silenceNats = 0;
    let isSlowOnly = true;
    for (const each of anomalies) {
      degree = Math.max(degree, each.degree);
      sinceMs = Math.min(sinceMs, each.startedAtMs);
      knownAtMs = Math.min(knownAtMs, each.detectedAtMs);
      const role = this.#feeds.roleOf(each.feed, each.kpi);
      const nats = anomalyNats(each, role, this.#rules);
      isSlowOnly &&= each.kind === 'deviation' && role === 'quality';
      if (each.kind === 'silence') {
        silenceNats = Math.max(silenceNats, nats);
        continue;
      }
      silentOnly = false;
      byKpi.set(each.kpi, Math.max(nats, byKpi.get(each.kpi) ?? 0));
    }
    const nats = addDependent([...byKpi.values()], this.#rules.evidence.furtherKpiShare);
    const services = this.#servicesLost(anomalies);
    const counted = { nats, silenceNats, degree, services, sinceMs, knownAtMs };
    return { ...counted, silentOnly, isSlowOnly, anomalies };
  }
  #servicesLost(anomalies: readonly Anomaly[]): ServiceShares {
    const lost = { voice: 0, data: 0, sms: 0 };
    for (const { feed, kpi, kind, degree } of anomalies) {
      const services = kind === 'zeroTraffic' ? SERVICES : this.#feeds.servicesOf(feed, kpi);
      for (const service of services) lost[service] = Math.max(lost[service], degree);
    }
    return lost;
  }
}
