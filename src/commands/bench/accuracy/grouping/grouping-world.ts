import type { Alarm } from '../../../../domain/alarm.js';
import type { DetectEvent } from '../../../../domain/anomaly.js';
import type { LinkRow, NeighbourRow, TopologyRows } from '../../../../domain/topology-rows.js';

const CELLS_PER_SITE = 4;
const SITES_PER_FIBRE = 5;
const SITES_PER_AGGREGATION = 15;
const SITES_PER_POWER_ZONE = 9;
const SITES_PER_CORE = 3_000;
/** By how far through the network cells fail: by what, how many at once, and one in how many. */
const FAILURES = [
  { until: 0.4, size: SITES_PER_AGGREGATION * CELLS_PER_SITE, oneIn: 2 },
  { until: 0.7, size: SITES_PER_FIBRE * CELLS_PER_SITE, oneIn: 2 },
  { until: 0.9, size: CELLS_PER_SITE, oneIn: 2 },
  { until: 1, size: 1, oneIn: 48 },
];
/** Share of all cells that fail so. */
const FAILED_SHARE = 0.452;
const ANOMALY_SHARE = 0.9;

/** A network of which nearly half fails at one moment. */
export interface GroupingWorld {
  readonly rows: TopologyRows;
  /** every cell's first report */
  readonly observed: readonly DetectEvent[];
  readonly anomalies: readonly DetectEvent[];
  readonly alarms: readonly Alarm[];
  /** how many failures there are behind them */
  readonly failures: number;
}

const id = (prefix: string, number: number): string => `${prefix}${number}`;

function rowsOf(cells: number): TopologyRows {
  const sites = Math.ceil(cells / CELLS_PER_SITE);
  const links: LinkRow[] = [];
  const neighbours: NeighbourRow[] = [];
  for (let site = 0; site < sites; site++) {
    const childId = id('S', site);
    const parentId = id('AGG', Math.floor(site / SITES_PER_AGGREGATION));
    const zone = id('PWR', Math.floor(site / SITES_PER_POWER_ZONE));
    const linkId = id('FIB', Math.floor(site / SITES_PER_FIBRE));
    links.push({ linkId, parentId, childId, kind: 'transport' });
    links.push({ linkId: zone, parentId: zone, childId, kind: 'power' });
    if (site % SITES_PER_AGGREGATION > 0) continue;
    const core = id('CORE', Math.floor(site / SITES_PER_CORE));
    links.push({ linkId: `TRK${site}`, parentId: core, childId: parentId, kind: 'aggregation' });
  }
  for (let cell = 0; cell < cells; cell++) {
    for (const away of [1, CELLS_PER_SITE, 2 * CELLS_PER_SITE]) {
      const neighbourId = id('C', (cell + away) % cells);
      neighbours.push({ cellId: id('C', cell), neighbourId, weight: 0.5 });
    }
  }
  return {
    sites: Array.from({ length: sites }, (_, site) => ({
      siteId: id('S', site),
      lat: 48 + Math.floor(site / 200) * 0.02,
      lon: -4 + (site % 200) * 0.02,
    })),
    cells: Array.from({ length: cells }, (_, cell) => ({
      cellId: id('C', cell),
      siteId: id('S', Math.floor(cell / CELLS_PER_SITE)),
      azimuth: (cell % CELLS_PER_SITE) * 90,
      vendor: Math.floor(cell / 600) % 2 === 0 ? 'A' : 'B',
      version: '1',
    })),
    links,
    neighbours,
    works: [],
  };
}

function failedCells(cells: number): { readonly failed: number[]; readonly failures: number } {
  const failed: number[] = [];
  let failures = 0;
  for (let cell = 0; cell < cells; ) {
    const { size, oneIn } = FAILURES.find(({ until }) => cell < until * cells) ?? {
      size: 1,
      oneIn: 48,
    };
    for (let at = cell; at < Math.min(cells, cell + size); at++) failed.push(at);
    failures++;
    cell += oneIn * size;
  }
  return { failed, failures };
}

function anomalyOf(cell: number, atMs: number): DetectEvent {
  const objectId = id('C', cell);
  return {
    type: 'raised',
    atMs,
    anomaly: {
      id: `a${cell}`,
      feed: 'telemetry',
      objectType: 'cell',
      objectId,
      kpi: 'availabilityRatio',
      kind: 'deviation',
      startedAtMs: atMs - 900_000,
      detectedAtMs: atMs,
      endedAtMs: null,
      observed: 0,
      expected: 1,
      band: null,
      score: 1 - 1e-9,
      degree: 1,
      reason: 'off air',
    },
  };
}

function alarmOf(site: number, atMs: number): Alarm {
  return {
    alarmId: `alarm${site}`,
    objectType: 'site',
    objectId: id('S', site),
    alarmType: 'communicationsAlarm',
    perceivedSeverity: 'critical',
    probableCause: 'communicationsSubsystemFailure',
    alarmRaisedTime: new Date(atMs).toISOString(),
  };
}

/**
 * A country in a catastrophe: aggregation nodes, fibres, sites and single cells fail together, nine
 * candidates in ten an anomaly of a cell and one a critical alarm of a site.
 *
 * @param count candidates, all known at `atMs` (epoch ms)
 */
export function groupingWorld(count: number, atMs: number): GroupingWorld {
  const wanted = Math.round(count * ANOMALY_SHARE);
  const cells = Math.ceil(wanted / FAILED_SHARE);
  const { failed, failures } = failedCells(cells);
  const hit = failed.slice(0, wanted);
  const sites = [...new Set(hit.map((cell) => Math.floor(cell / CELLS_PER_SITE)))];
  return {
    rows: rowsOf(cells),
    observed: Array.from({ length: cells }, (_, cell) => ({
      type: 'observed',
      atMs: atMs - 3_600_000,
      feed: 'telemetry',
      objectType: 'cell',
      objectId: id('C', cell),
    })),
    anomalies: hit.map((cell) => anomalyOf(cell, atMs)),
    alarms: sites.slice(0, count - hit.length).map((site) => alarmOf(site, atMs)),
    failures,
  };
}
