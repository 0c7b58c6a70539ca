import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { createCorrelate } from '../../src/correlate/correlate.js';
import type { CorrelationRules } from '../../src/correlate/rules.js';
import type { Alarm } from '../../src/domain/alarm.js';
import type { Anomaly, AnomalyKind, DetectEvent } from '../../src/domain/anomaly.js';
import type { Incident, IncidentChange, TelemetryGap } from '../../src/domain/incident.js';
import type { LaneSpec } from '../../src/domain/lane.js';
import type { NeighbourRow, TopologyRows, WorkRow } from '../../src/domain/topology-rows.js';

/** A fixed quarter of an hour: 2026-03-02 12:00 UTC. */
export const T0 = Date.UTC(2026, 2, 2, 12);
export const SECOND = 1000;
export const MINUTE = 60_000;
export const PERIOD = 15 * MINUTE;
export const FEED = 'pm';

const RULES = new URL('../../rules/correlation.yaml', import.meta.url);
const rules = parse(readFileSync(RULES, 'utf8')) as CorrelationRules;

/** The rules as shipped. */
export function loadRules(): CorrelationRules {
  return rules;
}

export const LANE: LaneSpec = {
  feed: FEED,
  collector: 'oss',
  objectType: 'cell',
  periodSeconds: 900,
  latenessSeconds: 300,
  zone: 'UTC',
  holidays: [],
  kpis: [
    {
      name: 'drops',
      definition: { kind: 'ratio', unit: '%', bad: 'high', role: 'quality' },
    },
    {
      name: 'voiceDrops',
      definition: { kind: 'ratio', unit: '%', bad: 'high', role: 'quality', services: ['voice'] },
    },
    {
      name: 'traffic',
      definition: { kind: 'count', unit: 'GB', bad: 'low', traffic: true, role: 'traffic' },
    },
  ],
};

export interface Shape {
  readonly aggregations: number;
  readonly fibresPerAggregation: number;
  readonly sitesPerFibre: number;
  readonly cellsPerSite?: number;
  readonly works?: readonly WorkRow[];
  readonly withoutNeighbours?: boolean;
}

/** Cells `S<n>-<k>` at sites `S<n>` on fibres `F<a>-<f>` of nodes `A<a>` under `CORE`. */
export function network(shape: Shape): TopologyRows {
  const { aggregations, fibresPerAggregation, sitesPerFibre, cellsPerSite = 3 } = shape;
  const rows = { sites: [], cells: [], links: [], neighbours: [] } as {
    sites: TopologyRows['sites'][number][];
    cells: TopologyRows['cells'][number][];
    links: TopologyRows['links'][number][];
    neighbours: NeighbourRow[];
  };
  let site = 0;
  for (let a = 0; a < aggregations; a++) {
    const parentId = `A${a}`;
    rows.links.push({ linkId: `T${a}`, parentId: 'CORE', childId: parentId, kind: 'aggregation' });
    for (let f = 0; f < fibresPerAggregation; f++) {
      for (let s = 0; s < sitesPerFibre; s++, site++) {
        const siteId = `S${site}`;
        rows.sites.push({ siteId, lat: 48, lon: -3 });
        rows.links.push({ linkId: `F${a}-${f}`, parentId, childId: siteId, kind: 'transport' });
        for (let k = 0; k < cellsPerSite; k++) {
          const version = site % 2 === 0 ? '21.1' : '21.4';
          rows.cells.push({
            cellId: `${siteId}-${k}`,
            siteId,
            azimuth: k * 120,
            vendor: 'V',
            version,
          });
          if (shape.withoutNeighbours) continue;
          for (const near of [site - 1, site + 1]) {
            if (near >= 0 && near < aggregations * fibresPerAggregation * sitesPerFibre)
              rows.neighbours.push({ cellId: `${siteId}-${k}`, neighbourId: `S${near}-${k}` });
          }
        }
      }
    }
  }
  return { ...rows, works: shape.works ?? [] };
}

export function observed(rows: TopologyRows, atMs = T0 - PERIOD): DetectEvent[] {
  return rows.cells.map(({ cellId }) => ({
    type: 'observed',
    atMs,
    feed: FEED,
    objectType: 'cell',
    objectId: cellId,
  }));
}

export interface AnomalySpec {
  readonly kind?: AnomalyKind;
  readonly kpi?: string;
  readonly startedAtMs: number;
  readonly detectedAtMs?: number;
  readonly score?: number;
  readonly degree?: number;
}

export function anomaly(objectId: string, spec: AnomalySpec): Anomaly {
  const kind = spec.kind ?? 'deviation';
  const kpi = spec.kpi ?? (kind === 'silence' ? '' : 'drops');
  return {
    id: `ano-${objectId}-${kpi}-${kind}-${spec.startedAtMs}`,
    feed: FEED,
    objectType: 'cell',
    objectId,
    kpi,
    kind,
    startedAtMs: spec.startedAtMs,
    detectedAtMs: spec.detectedAtMs ?? spec.startedAtMs + PERIOD,
    endedAtMs: null,
    observed: 0,
    expected: 1,
    band: null,
    score: spec.score ?? 1 - 1e-9,
    degree: spec.degree ?? 1,
    reason: `${kpi || 'reports'} not as expected`,
  };
}

export function raised(objectId: string, spec: AnomalySpec): DetectEvent {
  const it = anomaly(objectId, spec);
  return { type: 'raised', atMs: it.detectedAtMs, anomaly: it };
}

export function cleared(objectId: string, spec: AnomalySpec, endedAtMs: number): DetectEvent {
  const it = { ...anomaly(objectId, spec), endedAtMs };
  return { type: 'cleared', atMs: endedAtMs + PERIOD, anomaly: it };
}

export function alarm(
  objectType: 'cell' | 'site' | 'link' | 'function',
  objectId: string,
  raisedMs: number,
  more: Partial<Alarm> = {},
): Alarm {
  return {
    alarmId: `al-${objectId}-${more.probableCause ?? 'down'}`,
    objectType,
    objectId,
    alarmType: 'communicationsAlarm',
    perceivedSeverity: 'critical',
    probableCause: 'down',
    alarmRaisedTime: new Date(raisedMs).toISOString(),
    ...more,
  };
}

export function clearOf(raisedAlarm: Alarm, clearedMs: number): Alarm {
  return {
    ...raisedAlarm,
    perceivedSeverity: 'cleared',
    alarmClearedTime: new Date(clearedMs).toISOString(),
  };
}

export interface Played {
  /** latest form of every incident, in order of first change */
  readonly incidents: Incident[];
  readonly changes: IncidentChange[];
  readonly gaps: TelemetryGap[];
}

export interface Play {
  readonly rows: TopologyRows;
  readonly events?: readonly DetectEvent[];
  readonly alarms?: readonly Alarm[];
  readonly untilMs: number;
  readonly tickMs?: number;
  readonly rules?: CorrelationRules;
  /** takes and restores a snapshot after every tick */
  readonly isRestarted?: boolean;
  /** hands the inputs over one by one */
  readonly isTrickled?: boolean;
}

function knownMs({ alarmRaisedTime, alarmClearedTime, perceivedSeverity }: Alarm): number {
  return Date.parse(
    perceivedSeverity === 'cleared' ? (alarmClearedTime ?? alarmRaisedTime) : alarmRaisedTime,
  );
}

/** Plays inputs in the order of ticks; every cell has been observed before `T0`. */
export function play(options: Play): Played {
  const { rows, untilMs, tickMs = PERIOD } = options;
  const make = () => createCorrelate(rows, options.rules ?? loadRules(), [LANE]);
  let stage = make();
  const events = [...observed(rows), ...(options.events ?? [])];
  const latest = new Map<string, Incident>();
  const changes: IncidentChange[] = [];
  const gaps: TelemetryGap[] = [];
  for (let from = T0 - 2 * PERIOD; from < untilMs; from += tickMs) {
    const isNow = (atMs: number): boolean => atMs > from && atMs <= from + tickMs;
    const now = events.filter(({ atMs }) => isNow(atMs));
    const alarms = (options.alarms ?? []).filter((each) => isNow(knownMs(each)));
    if (options.isTrickled) {
      for (const each of alarms) stage.alarms([each]);
      for (const each of now) stage.detected([each]);
    } else {
      stage.detected(now);
      stage.alarms(alarms);
    }
    const said = stage.advance(from + tickMs);
    changes.push(...said.changes);
    gaps.push(...said.gaps);
    for (const { incident } of said.changes) latest.set(incident.id, incident);
    if (options.isRestarted) {
      const state = stage.snapshot();
      stage = make();
      stage.restore(state);
    }
  }
  return { incidents: [...latest.values()], changes, gaps };
}

/** Incidents that became open, merged ones left out. */
export function opened(played: Played): Incident[] {
  return played.incidents.filter(
    ({ detectedAt, mergedInto }) => detectedAt !== null && mergedInto === undefined,
  );
}
