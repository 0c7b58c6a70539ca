import type pg from 'pg';
import type { KpiReads, KpiSeries } from '../../api/ports.js';
import type { KpiDefinition } from '../../domain/kpi.js';
import type { KpiPoint, KpiSeries as StoredSeries } from './kpi-history.js';
import { query } from './pool.js';

/** The part of KPI history this reads from; `KpiHistory` fits. */
export interface KpiSource {
  flush(objectIds?: readonly string[]): Promise<void>;
  read(wanted: {
    objectType: 'cell';
    objectId: string;
    fromMs: number;
    toMs: number;
  }): Promise<StoredSeries[]>;
}

/** What a feed's KPI is, for its unit; undefined when the feed is gone. */
export type KpiDefinitions = (feed: string, kpi: string) => KpiDefinition | undefined;

interface WorstCell {
  cell_id: string;
  site_name: string | null;
  started_at: Date;
  ended_at: Date | null;
}

const HOUR_MS = 3_600_000;
const HOURS_AFTER = 2;
const POINTS_SHOWN = 1000;

/** KPIs of an incident's worst cells, for charts. */
export function postgresKpiReads(
  pool: pg.Pool,
  history: KpiSource,
  definitions: KpiDefinitions,
): KpiReads {
  return {
    async ofIncident(incidentId, { cells, hoursBefore, nowMs }) {
      const worst = await worstCells(pool, incidentId, cells);
      if (worst === undefined) return undefined;
      await history.flush(worst.map((cell) => cell.cell_id));
      const series = worst.map(async (cell) => {
        const stored = await history.read({
          objectType: 'cell',
          objectId: cell.cell_id,
          fromMs: cell.started_at.getTime() - hoursBefore * HOUR_MS,
          toMs: Math.min(nowMs, (cell.ended_at?.getTime() ?? nowMs) + HOURS_AFTER * HOUR_MS),
        });
        return stored.flatMap((each) => chartSeries(cell, each, definitions(each.feed, each.kpi)));
      });
      return (await Promise.all(series)).flat();
    },
  };
}

async function worstCells(
  pool: pg.Pool,
  incidentId: string,
  limit: number,
): Promise<WorstCell[] | undefined> {
  const { rows } = await query<WorstCell | { cell_id: null }>(
    pool,
    `select h."cellId" cell_id, s.name site_name, i.started_at, i.ended_at
     from incidents i
     left join jsonb_to_recordset(i.doc->'cells') as h ("cellId" text, degree float8) on true
     left join cells c on c.cell_id = h."cellId" and c.valid_to = 'infinity'
     left join sites s on s.site_id = c.site_id and s.valid_to = 'infinity'
     where i.incident_id = $1 order by h.degree desc, h."cellId" limit $2`,
    [incidentId, limit],
  );
  if (rows.length === 0) return undefined;
  return rows.filter((row): row is WorstCell => row.cell_id !== null);
}

/** One value per period from the first point to the last; shares of 1 in percent. */
function chartSeries(
  cell: WorstCell,
  stored: StoredSeries,
  definition: KpiDefinition | undefined,
): KpiSeries[] {
  const points = stored.points.slice(-POINTS_SHOWN);
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) return [];
  const stepMs = stored.periodSeconds * 1000;
  const length = Math.min(POINTS_SHOWN, Math.round((last.t - first.t) / stepMs) + 1);
  const startMs = last.t - (length - 1) * stepMs;
  const isShare = definition?.kind === 'ratio' || definition?.unit === 'ratio';
  const column = (pick: (point: KpiPoint) => number | null): (number | null)[] => {
    const values = new Array<number | null>(length).fill(null);
    for (const point of points) {
      const value = pick(point);
      const place = Math.round((point.t - startMs) / stepMs);
      if (place >= 0 && value !== null) values[place] = isShare ? value * 100 : value;
    }
    return values;
  };
  return [
    {
      cellId: cell.cell_id,
      siteName: cell.site_name,
      feed: stored.feed,
      kpi: stored.kpi,
      unit: isShare ? '%' : (definition?.unit ?? ''),
      periodSeconds: stored.periodSeconds,
      from: new Date(startMs).toISOString(),
      values: column((point) => point.value),
      expected: column((point) => point.expected),
      lo: column((point) => point.lo),
      hi: column((point) => point.hi),
    },
  ];
}
