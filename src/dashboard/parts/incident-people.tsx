import { useMemo } from 'preact/hooks';
import type { IncidentDetail } from '../../api/schemas.js';
import { useNow } from '../clock.js';
import { count, percent, words } from '../format.js';
import { Chart, type Line } from './chart.js';
import { Empty, Panel } from './words.js';

const VISITORS_SHOWN = 5;

/** Who is affected: by segment, and how the number grew. */
export function PeoplePanel({ incident }: { incident: IncidentDetail }) {
  const { impact, growth } = incident;
  const times = useMemo(() => growth.map(({ at }) => Date.parse(at)), [growth]);
  const lines = useMemo<Line[]>(
    () => [
      {
        name: 'People affected',
        values: growth.map(({ subscribers }) => subscribers),
        colour: 'accent',
        look: 'area',
      },
    ],
    [growth],
  );
  return (
    <Panel title="Who is affected">
      {impact === null ? (
        <Empty title="Not counted yet">
          <p>Subscribers are counted as soon as the incident is open.</p>
        </Empty>
      ) : (
        <Segments impact={impact} />
      )}
      <Visitors incident={incident} />
      {growth.length > 1 && (
        <Chart
          times={times}
          lines={lines}
          unit=""
          height={150}
          isFromZero
          label={`People affected grew from ${count(growth[0]?.subscribers ?? 0)} to ${count(growth.at(-1)?.subscribers ?? 0)}.`}
        />
      )}
    </Panel>
  );
}

function Segments({ impact }: { impact: NonNullable<IncidentDetail['impact']> }) {
  const segments = Object.entries(impact.bySegment).sort(([, a], [, b]) => b - a);
  return (
    <>
      <ul class="bars">
        {segments.map(([name, people]) => (
          <li key={name}>
            <span>{words(name)}</span>
            <meter min={0} max={Math.max(1, impact.subscribers)} value={people} aria-label={name} />
            <strong>{count(people)}</strong>
          </li>
        ))}
      </ul>
      {impact.services && (
        <p>
          Lost, parts added up: calls {count(impact.services.voice)}, data{' '}
          {count(impact.services.data)}, texts {count(impact.services.sms)}.
        </p>
      )}
      <p class="hint">
        {count(impact.subscribers)} possibly affected; about {count(impact.expected)} are, weighing
        each by how probable it is
        {impact.subscribers > 0 && ` (${percent(impact.expected / impact.subscribers)})`}. Machines,
        counted apart and never told: {count(impact.machines)}.
      </p>
    </>
  );
}

/** Roamers and customers of partners who share the network: counted, never told. */
function Visitors({ incident: { impact, visitors, endedAt } }: { incident: IncidentDetail }) {
  if (impact?.visitors === undefined) return null;
  const countries = new Intl.DisplayNames(['en'], { type: 'region' });
  const nameOf = ({ name, network, country }: IncidentDetail['visitors'][number]): string => {
    const place = country === '' ? 'unknown country' : (countries.of(country) ?? country);
    const operator = name ?? network;
    return operator === '' ? place : `${operator}, ${place}`;
  };
  const isOver = endedAt !== null;
  const counts = visitors
    .map((each) => ({ name: nameOf(each), phones: isOver ? each.most : each.now }))
    .filter(({ phones }) => phones > 0);
  const shown = counts.slice(0, VISITORS_SHOWN);
  const others = counts.slice(VISITORS_SHOWN).reduce((sum, { phones }) => sum + phones, 0);
  return (
    <p class="hint">
      Visitors from other networks{isOver && ', at most at once'}: {count(impact.visitors)}
      {shown.length > 0 &&
        ` (${shown.map(({ name, phones }) => `${name} ${count(phones)}`).join('; ')}${others > 0 ? `; others ${count(others)}` : ''})`}
      .
    </p>
  );
}

function noSurge({ endedAt, state }: IncidentDetail): string {
  if (endedAt !== null) return 'The incident is over';
  return state === 'suspected' ? 'Reckoned once the incident is open' : 'No forecast yet';
}

/** Calls that incidents add to the ordinary ones over the next hours. */
export function SurgePanel({ incident }: { incident: IncidentDetail }) {
  const { surge } = incident;
  const now = useNow(60_000);
  const times = useMemo(() => surge.map(({ start }) => Date.parse(start)), [surge]);
  const lines = useMemo<Line[]>(
    () => [
      {
        name: 'With incidents',
        values: surge.map((each) => each.ordinary + each.surge),
        colour: 'accent',
      },
      {
        name: 'Ordinary',
        values: surge.map(({ ordinary }) => ordinary),
        colour: 'muted',
        look: 'dashed',
      },
    ],
    [surge],
  );
  const extra = surge.reduce((sum, each) => sum + each.surge, 0);
  return (
    <Panel title="Calls to come" note="all open incidents together, all queues, next 12 hours">
      {surge.length === 0 ? (
        <Empty title={noSurge(incident)} />
      ) : (
        <>
          <p>
            All open incidents together add about <strong>{count(extra)} calls</strong> to the
            ordinary ones. How many of them are due to this one is not reckoned apart.
          </p>
          <Chart
            times={times}
            lines={lines}
            bands={[{ upper: 0, lower: 1, colour: 'band' }]}
            unit="calls"
            height={180}
            isFromZero
            nowMs={now}
            label={`Open incidents are expected to add ${count(extra)} calls in the next 12 hours.`}
          />
        </>
      )}
    </Panel>
  );
}
