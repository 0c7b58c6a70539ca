import { useMemo, useState } from 'preact/hooks';
import type { QueueForecast } from '../../api/schemas.js';
import { networkNow, useNow } from '../clock.js';
import { count, decimal } from '../format.js';
import { CallsChart, callsAt } from '../parts/calls-chart.js';
import { Empty, Failure, Figure, Loading, Panel, Tabs, When } from '../parts/words.js';
import { useResource } from '../resource.js';

type Interval = QueueForecast['intervals'][number];

const RANGES = [
  ['6 hours', 6],
  ['24 hours', 24],
  ['7 days', 168],
] as const;
const ROWS_FIRST = 24;

/** Calls to come per interval with their band, and the agents they need. */
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
        {queue && (
          <a
            class="button"
            download
            href={`/api/v1/forecast.csv?queue=${encodeURIComponent(queue)}`}
          >
            Download CSV
          </a>
        )}
      </div>
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
    </article>
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
      <Summary forecast={forecast} coming={coming} />
      <Panel
        title={`Calls per ${(coming[0]?.intervalSeconds ?? 900) / 60} minutes`}
        {...(forecast.issuedAt ? { note: 'shaded: 50 % and 90 % of outcomes' } : {})}
      >
        <CallsChart forecast={forecast} coming={coming} />
      </Panel>
      <AgentsPanel forecast={forecast} coming={coming} />
    </>
  );
}

/** Who is on the roster in an interval, from the shift that covers its start. */
function onRosterAt(forecast: QueueForecast, interval: Interval): number | undefined {
  const ms = Date.parse(interval.start);
  return forecast.roster.find(({ start, intervalSeconds }) => {
    const from = Date.parse(start);
    return from <= ms && ms < from + intervalSeconds * 1000;
  })?.agents;
}

/** People to have on the roster so that enough of them are on the phones. */
function toRoster(interval: Interval): number {
  return interval.rostered ?? interval.agents;
}

function Summary(props: { forecast: QueueForecast; coming: readonly Interval[] }) {
  useNow(30_000);
  const { coming } = props;
  const [first] = coming;
  if (first === undefined) return null;
  const shorts = coming.map(
    (each) => toRoster(each) - (onRosterAt(props.forecast, each) ?? Infinity),
  );
  const worst = Math.max(0, ...shorts);
  const worstAt = coming[shorts.indexOf(worst)];
  const surge = coming.reduce((sum, each) => sum + each.surge, 0);
  return (
    <dl class="figures">
      <Figure
        name="Calls now"
        value={count(callsAt(first, 0.5))}
        note={`${count(callsAt(first, 0.05))} to ${count(callsAt(first, 0.95))} in this interval`}
      />
      <Figure
        name="Agents needed now"
        value={count(first.agents)}
        note={
          first.rostered === null
            ? ''
            : `${count(first.rostered)} to roster, with absences and breaks`
        }
      />
      <Figure
        name="Added by incidents"
        value={`${count(surge)} calls`}
        note="in the time shown"
        {...(surge >= 1 ? { tone: 'warn' } : {})}
      />
      {props.forecast.roster.length > 0 && (
        <Figure
          name="Greatest shortage"
          value={worst > 0 ? `${count(worst)} agents` : 'none'}
          note={
            worst > 0 && worstAt
              ? `at ${new Date(worstAt.start).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })}`
              : 'the roster covers it'
          }
          {...(worst > 0 ? { tone: 'bad' } : { tone: 'good' })}
        />
      )}
    </dl>
  );
}

function AgentsPanel(props: { forecast: QueueForecast; coming: readonly Interval[] }) {
  const [isAll, setAll] = useState(false);
  const shown = isAll ? props.coming : props.coming.slice(0, ROWS_FIRST);
  return (
    <Panel title="Agents by interval" note="to roster: with absences and breaks">
      <div class="table">
        <table>
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col" class="number">
                Calls
              </th>
              <th scope="col" class="number narrow-hidden">
                90 % band
              </th>
              <th scope="col" class="number narrow-hidden">
                From incidents
              </th>
              <th scope="col" class="number narrow-hidden">
                On the phones
              </th>
              <th scope="col" class="number">
                To roster
              </th>
              <th scope="col" class="number">
                On roster
              </th>
              <th scope="col" class="number">
                Gap
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((each) => (
              <Row key={each.start} interval={each} onRoster={onRosterAt(props.forecast, each)} />
            ))}
          </tbody>
        </table>
      </div>
      {props.coming.length > ROWS_FIRST && (
        <button type="button" onClick={() => setAll(!isAll)}>
          {isAll ? 'Show fewer' : `Show all ${props.coming.length} intervals`}
        </button>
      )}
    </Panel>
  );
}

function Row({ interval, onRoster }: { interval: Interval; onRoster: number | undefined }) {
  const gap = onRoster === undefined ? undefined : onRoster - toRoster(interval);
  return (
    <tr>
      <th scope="row">
        <When at={interval.start} only="clock" />
      </th>
      <td class="number">{count(callsAt(interval, 0.5))}</td>
      <td class="number narrow-hidden">
        {count(callsAt(interval, 0.05))}–{count(callsAt(interval, 0.95))}
      </td>
      <td class="number narrow-hidden">
        {interval.surge >= 0.5 ? `+${count(interval.surge)}` : '–'}
      </td>
      <td class="number narrow-hidden">{count(interval.agents)}</td>
      <td class="number">{count(toRoster(interval))}</td>
      <td class="number">{onRoster === undefined ? '–' : decimal(onRoster)}</td>
      <td class={`number ${gap !== undefined && gap < 0 ? 'short' : ''}`}>
        {gap === undefined ? '–' : gap < 0 ? `${decimal(-gap)} short` : `+${decimal(gap)}`}
      </td>
    </tr>
  );
}
