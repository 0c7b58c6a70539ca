import { useMemo } from 'preact/hooks';
import type { CellFeatures, IncidentDetail, SitePoint } from '../../api/schemas.js';
import type { Me } from '../api.js';
import { causeName, count, percent, placeNames, plural, words } from '../format.js';
import { Actions } from '../parts/incident-actions.js';
import { CostPanel } from '../parts/incident-cost.js';
import { KpiPanel } from '../parts/incident-kpis.js';
import { MessagesPanel } from '../parts/incident-messages.js';
import { PartnersPanel } from '../parts/incident-partners.js';
import { PeoplePanel, SurgePanel } from '../parts/incident-people.js';
import { NetworkMap } from '../parts/map.js';
import { RepairFigure } from '../parts/repair-figure.js';
import { Silences } from '../parts/silences.js';
import { Urgent } from '../parts/urgent.js';
import { Chip, Empty, Failure, Figure, Loading, LocalTimes, Panel, When } from '../parts/words.js';
import { useResource } from '../resource.js';
import { Link, navigate } from '../router.js';

/** One incident: what, why, who, what was said, what will come. */
export function IncidentPage({ id, me }: { id: string; me: Me }) {
  const path = `/api/v1/incidents/${encodeURIComponent(id)}`;
  const incident = useResource<IncidentDetail>(path, ['incident', 'messages', 'forecast'], id);
  if (incident.data === undefined) {
    if (incident.error?.status === 404) {
      return (
        <Empty title="There is no such incident">
          <Link href="/">Go to the incidents</Link>
        </Empty>
      );
    }
    return incident.error ? (
      <Failure error={incident.error} retry={incident.reload} />
    ) : (
      <Loading what="the incident" />
    );
  }
  return (
    <article class="incident">
      <Head incident={incident.data} />
      {incident.error && <Failure error={incident.error} retry={incident.reload} />}
      <Actions incident={incident.data} me={me} onDone={incident.reload} />
      <Silences me={me} />
      <div class="panels">
        <CausePanel incident={incident.data} />
        <MapPanel incident={incident.data} />
        <CostPanel incident={incident.data} me={me} onDone={incident.reload} />
        <PeoplePanel incident={incident.data} />
        <MessagesPanel incident={incident.data} />
        <PartnersPanel id={incident.data.id} />
        <KpiPanel incident={incident.data} />
        <SurgePanel incident={incident.data} />
        <TimelinePanel incident={incident.data} />
        <CellsPanel incident={incident.data} />
      </div>
    </article>
  );
}

function Head({ incident }: { incident: IncidentDetail }) {
  const { impact } = incident;
  return (
    <header class="incident-head">
      <p class="back">
        <Link href="/">← Incidents</Link>
        <span class="id">{incident.id}</span>
      </p>
      <h1>{placeNames(incident.places, incident.placeCount)}</h1>
      <p class="chips">
        <Chip word={incident.severity} />
        <Chip word={incident.state} />
        <Urgent incident={incident} />
        {incident.plannedWorkId && (
          <Chip word={`planned work ${incident.plannedWorkId}`} tone="quiet" />
        )}
        {incident.acknowledgedBy && (
          <Chip word={`taken by ${incident.acknowledgedBy}`} tone="calm" />
        )}
      </p>
      {incident.mergedInto && (
        <p>
          It goes on as{' '}
          <Link href={`/incidents/${encodeURIComponent(incident.mergedInto)}`}>
            {incident.mergedInto}
          </Link>
          .
        </p>
      )}
      <dl class="figures">
        <Figure
          name={incident.endedAt === null ? 'People affected' : 'People affected at the end'}
          value={impact ? count(impact.subscribers) : '…'}
          {...(impact ? { note: userMinutes(incident) } : {})}
        />
        <Figure
          name="Cells affected"
          value={count(incident.cellCount)}
          note={`at ${plural(incident.siteCount, 'site')}`}
        />
        <TimeFigure name="Started" at={incident.startedAt} />
        {incident.endedAt === null ? (
          <RepairFigure incident={incident} />
        ) : (
          <TimeFigure name="Ended" at={incident.endedAt} />
        )}
        <Figure name="Told by SMS" value={count(incident.told)} />
        <Figure name="CRM flags" value={count(incident.flags)} />
      </dl>
    </header>
  );
}

function userMinutes({ impact, endedAt }: IncidentDetail): string {
  const sum = `${count(impact?.userMinutes ?? 0)} user-minutes`;
  return endedAt === null ? `${sum} so far` : sum;
}

function TimeFigure({ name, at }: { name: string; at: string | null }) {
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd>
        <strong>{at === null ? 'not known' : <When at={at} only="clock" />}</strong>
        {at !== null && (
          <span>
            <When at={at} only="relative" />
          </span>
        )}
      </dd>
    </div>
  );
}

/** The cause with what has the very same cells, which evidence cannot tell from it. */
function causeClass(cause: IncidentDetail['candidates'][number]): string {
  const same = [cause, ...(cause.alike ?? [])];
  const names = same.map(({ kind, id }) => causeName(kind, id)).join(' or ');
  return same.length > 1 ? `${names} (the same cells)` : names;
}

function CausePanel({ incident }: { incident: IncidentDetail }) {
  return (
    <Panel title="What and why">
      <p class="explanation">
        <LocalTimes text={incident.explanation} />
      </p>
      {incident.silencedUntil !== null && (
        <p class="hint">
          Silenced until <When at={incident.silencedUntil} only="clock" />: nobody is told of it.
        </p>
      )}
      <ol class="causes">
        {incident.candidates.map((each) => (
          <li key={`${each.kind} ${each.id}`}>
            <p class="cause-name">
              <span>{causeClass(each)}</span>
              {each.kind !== 'area' && <strong>{percent(each.probability)}</strong>}
            </p>
            {each.kind === 'area' ? (
              <p class="hint">What the cause is nobody knows yet.</p>
            ) : (
              <meter min={0} max={1} value={each.probability} aria-label="Probability" />
            )}
            <ul>
              {each.evidence.map((sentence) => (
                <li key={sentence}>
                  <LocalTimes text={sentence} />
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
      {incident.tickets.length > 0 && (
        <p class="hint">
          {plural(incident.tickets.length, 'trouble ticket')}:{' '}
          {incident.tickets.map(({ system, ticketId }) => `${ticketId} (${system})`).join(', ')}
        </p>
      )}
      {incident.alarmIds.length > 0 && (
        <p class="hint">
          {plural(incident.alarmIds.length, 'alarm')}: {incident.alarmIds.slice(0, 8).join(', ')}
          {incident.alarmIds.length > 8 && ' …'}
        </p>
      )}
    </Panel>
  );
}

function MapPanel({ incident }: { incident: IncidentDetail }) {
  const cells = useResource<CellFeatures>('/api/v1/cells.geojson?limit=20000', ['incident']);
  const sites = useResource<SitePoint[]>('/api/v1/sites');
  const labels = useMemo(() => new Map<string, string>(), []);
  const own = useMemo(() => new Set(incident.cells.map(({ cellId }) => cellId)), [incident.cells]);
  return (
    <Panel title="Where" note={incident.endedAt === null ? 'now' : 'now, after it is over'}>
      <NetworkMap
        cells={cells.data}
        sites={sites.data}
        labels={labels}
        focus={own}
        onSite={(id) => navigate(`/sites/${encodeURIComponent(id)}`)}
      />
    </Panel>
  );
}

function TimelinePanel({ incident }: { incident: IncidentDetail }) {
  return (
    <Panel title="Timeline" note="newest first">
      <ol class="timeline scroll">
        {[...incident.timeline].reverse().map((event, index) => (
          <li key={`${event.at} ${index}`} class={`event event-${event.kind}`}>
            <p>
              <strong>{words(event.kind)}</strong> <When at={event.at} />
            </p>
            <p>
              <LocalTimes text={event.reason} />
            </p>
          </li>
        ))}
      </ol>
      {incident.timeline.length === 0 && <Empty title="Nothing has been written down yet" />}
    </Panel>
  );
}

function CellsPanel({ incident }: { incident: IncidentDetail }) {
  return (
    <Panel title="Cells" note={`${count(incident.cellCount)}, worst first`} wide>
      {incident.cells.length === 0 ? (
        <Empty title="All cells are back" />
      ) : (
        <div class="table scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Cell</th>
                <th scope="col">Site</th>
                <th scope="col">Service lost</th>
                <th scope="col">Since</th>
              </tr>
            </thead>
            <tbody>
              {incident.cells.map((cell) => (
                <tr key={cell.cellId}>
                  <th scope="row">{cell.cellId}</th>
                  <td>
                    {cell.siteId === null ? (
                      'not in the inventory'
                    ) : (
                      <Link href={`/sites/${encodeURIComponent(cell.siteId)}`}>
                        {cell.siteName ?? cell.siteId}
                      </Link>
                    )}
                  </td>
                  <td>{percent(cell.degree)}</td>
                  <td>
                    <When at={cell.since} only="clock" />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {incident.cellCount > incident.cells.length && (
        <p class="hint">The first {count(incident.cells.length)} are shown.</p>
      )}
    </Panel>
  );
}
