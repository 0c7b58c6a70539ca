import { useMemo, useState } from 'preact/hooks';
import type { QueueForecast } from '../../api/schemas.js';
import { networkNow } from '../clock.js';
import { AccuracyPanel } from '../parts/planner/accuracy.js';
import { AgentsPanel } from '../parts/planner/agents-table.js';
import { AlertsPanel } from '../parts/planner/alerts.js';
import { CallsChart } from '../parts/planner/calls-chart.js';
import { PatternsPanel } from '../parts/planner/patterns.js';
import { Summary } from '../parts/planner/summary.js';
import { WhatIfPanel } from '../parts/planner/what-if.js';
import { Empty, Failure, Loading, Panel, Tabs } from '../parts/words.js';
import { useResource } from '../resource.js';

const RANGES = [
  ['6 hours', 6],
  ['24 hours', 24],
  ['7 days', 168],
] as const;

/** Calls to come per interval with their band, the agents they need, and what was right of it. */
export function PlannerPage() {
  const queues = useResource<string[]>('/api/v1/queues', ['forecast']);
  const [chosen, setChosen] = useState<string>();
  const [hours, setHours] = useState<number>(24);
  const queue = chosen ?? queues.data?.[0];
  const path = queue && `/api/v1/forecast?queue=${encodeURIComponent(queue)}&pastHours=6`;
  const forecast = useResource<QueueForecast>(path, ['forecast']);
  return (
    <article class="planner">
      <div class="list-head">
        <h1>Calls and agents</h1>
        <label class="inline">
          Queue
          <select
            value={queue}
            disabled={!queue}
            onChange={(event) => setChosen(event.currentTarget.value)}
          >
            {(queues.data ?? []).map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <Tabs label="How far ahead" options={RANGES} value={hours} onChange={setHours} />
        {queue && <Downloads queue={queue} />}
      </div>
      <AlertsPanel />
      {queues.error && <Failure error={queues.error} retry={queues.reload} />}
      {forecast.error && <Failure error={forecast.error} retry={forecast.reload} />}
      {queues.data?.length === 0 && (
        <Empty title="No calls yet">
          <p>
            A forecast needs past calls: load them with <code>tocsin import calls FILE.csv</code>.
          </p>
        </Empty>
      )}
      {queue && !forecast.data && !forecast.error && <Loading what="the forecast" />}
      {forecast.data && <Forecast forecast={forecast.data} hours={hours} />}
      {queue && <WhatIfPanel key={queue} queue={queue} />}
      {queue && <AccuracyPanel queue={queue} />}
      {queue && <PatternsPanel key={`${queue} pattern`} queue={queue} />}
    </article>
  );
}

function Downloads({ queue }: { queue: string }) {
  const named = encodeURIComponent(queue);
  return (
    <>
      <a class="button" download href={`/api/v1/forecast.csv?queue=${named}`}>
        Download CSV
      </a>
      <a class="button" download href={`/api/v1/forecast.json?queue=${named}`}>
        JSON
      </a>
      <a class="button" download href="/api/v1/forecast.csv">
        All queues
      </a>
    </>
  );
}

function Forecast({ forecast, hours }: { forecast: QueueForecast; hours: number }) {
  const coming = useMemo(() => {
    const now = networkNow();
    return forecast.intervals.filter(({ start, intervalSeconds }) => {
      const ms = Date.parse(start);
      return ms + intervalSeconds * 1000 > now && ms < now + hours * 3_600_000;
    });
  }, [forecast, hours]);
  if (coming.length === 0) {
    return (
      <Empty title="No forecast for this time">
        <p>One is made within a minute of the first calls, and anew with every change.</p>
      </Empty>
    );
  }
  return (
    <>
      <Summary coming={coming} />
      <Panel
        title={`Calls per ${(coming[0]?.intervalSeconds ?? 900) / 60} minutes`}
        {...(forecast.issuedAt ? { note: 'shaded: 50 % and 90 % of outcomes' } : {})}
      >
        <CallsChart forecast={forecast} coming={coming} />
      </Panel>
      <AgentsPanel coming={coming} />
    </>
  );
}
