import { useMemo, useState } from 'preact/hooks';
import type { IncidentDetail, KpiSeries } from '../../api/schemas.js';
import { useNow } from '../clock.js';
import { kpiName } from '../format.js';
import { useResource } from '../resource.js';
import { Chart, type Line } from './chart.js';
import { Empty, Failure, Loading, Panel, Tabs } from './words.js';

/** How often a chart's axis moves on while reports are missing. */
const STEP_MS = 300_000;

/** KPIs of the worst cells with the band in which they were expected. */
export function KpiPanel({ incident }: { incident: IncidentDetail }) {
  const { id, startedAt, endedAt } = incident;
  const isRunning = endedAt === null;
  const path = `/api/v1/incidents/${encodeURIComponent(id)}/kpis?cells=5`;
  const [chosen, setChosen] = useState<string>();
  const series = useResource<KpiSeries[]>(path, isRunning ? ['incident'] : [], id);
  const byCell = useMemo(() => {
    const groups = new Map<string, KpiSeries[]>();
    for (const each of series.data ?? []) {
      groups.set(each.cellId, [...(groups.get(each.cellId) ?? []), each]);
    }
    return [...groups];
  }, [series.data]);
  const shown = byCell.find(([cellId]) => cellId === chosen) ?? byCell[0];
  return (
    <Panel
      title="KPIs of the worst cells"
      note="blue band: expected; red: while the incident lasts; a line that breaks off: no report"
      wide
    >
      {series.error && <Failure error={series.error} retry={series.reload} />}
      {!series.data && !series.error && <Loading what="KPIs" />}
      {series.data?.length === 0 && (
        <Empty title="No KPI history of these cells">
          <p>It is kept per period; the incident may be known from alarms alone so far.</p>
        </Empty>
      )}
      {byCell.length > 1 && (
        <Tabs
          label="Which cell"
          options={byCell.map(([cellId]) => [cellId, cellId] as const)}
          value={shown?.[0] ?? ''}
          onChange={setChosen}
        />
      )}
      {shown && (
        <section>
          <h3>
            {shown[0]} {shown[1][0]?.siteName && <small>{shown[1][0].siteName}</small>}
          </h3>
          <div class="small-charts">
            {shown[1].map((each) => (
              <KpiChart
                key={`${each.cellId} ${each.feed} ${each.kpi}`}
                series={each}
                startedAt={startedAt}
                endedAt={endedAt}
              />
            ))}
          </div>
        </section>
      )}
    </Panel>
  );
}

interface KpiChartProps {
  readonly series: KpiSeries;
  readonly startedAt: string;
  readonly endedAt: string | null;
}

function KpiChart({ series, startedAt, endedAt }: KpiChartProps) {
  const now = useNow(10_000);
  const times = useMemo(() => {
    const from = Date.parse(series.from);
    return series.values.map((_, index) => from + index * series.periodSeconds * 1000);
  }, [series]);
  const lines = useMemo<Line[]>(
    () => [
      { name: 'high', values: series.hi, colour: 'muted', look: 'hidden' },
      { name: 'low', values: series.lo, colour: 'muted', look: 'hidden' },
      { name: 'expected', values: series.expected, colour: 'muted', look: 'dashed' },
      { name: 'measured', values: series.values, colour: 'accent' },
    ],
    [series],
  );
  return (
    <div>
      <h4>
        {kpiName(series.kpi)} {series.unit && <small>{series.unit}</small>}
      </h4>
      <Chart
        times={times}
        lines={lines}
        bands={[{ upper: 0, lower: 1, colour: 'band' }]}
        unit={series.unit}
        height={120}
        {...(endedAt === null ? { untilMs: Math.floor(now / STEP_MS) * STEP_MS } : {})}
        marked={[
          Date.parse(startedAt),
          endedAt === null ? Number.POSITIVE_INFINITY : Date.parse(endedAt),
        ]}
        label={`${kpiName(series.kpi)} of ${series.cellId} against what was expected.`}
      />
    </div>
  );
}
