import { useMemo, useState } from 'preact/hooks';
import type { CellFeatures, IncidentItem, IncidentPage, SitePoint } from '../../api/schemas.js';
import type { Me } from '../api.js';
import { count, placeNames, plural, statedCause } from '../format.js';
import { NetworkMap } from '../parts/map.js';
import { RepairsList } from '../parts/repairs-list.js';
import { Silences } from '../parts/silences.js';
import { Urgent } from '../parts/urgent.js';
import { Chip, Empty, Failure, Loading, Tabs, When } from '../parts/words.js';
import { useResource } from '../resource.js';
import { Link, navigate } from '../router.js';

const VIEWS = [
  ['Running', 'running'],
  ['Repair first', 'repairs'],
  ['Over', 'over'],
] as const;
type View = (typeof VIEWS)[number][1];
const QUERIES: Record<View, string> = {
  running: 'state=suspected&state=open&state=recovering',
  repairs: 'state=suspected&state=open&state=recovering',
  over: 'state=resolved&state=closed',
};

/** The ranked list beside the live map. */
export function IncidentsPage({ me }: { me: Me }) {
  const [view, setView] = useState<View>('running');
  const incidents = useResource<IncidentPage>(`/api/v1/incidents?${QUERIES[view]}&limit=100`, [
    'incident',
    'messages',
  ]);
  return (
    <div class="incidents">
      <section class="incident-list" aria-labelledby="incidents-title">
        <div class="list-head">
          <h1 id="incidents-title">Incidents</h1>
          <Tabs label="Which incidents" options={VIEWS} value={view} onChange={setView} />
        </div>
        {incidents.error && <Failure error={incidents.error} retry={incidents.reload} />}
        {!incidents.data && !incidents.error && <Loading what="incidents" />}
        {view === 'running' && <Silences me={me} />}
        {view === 'repairs' && <RepairsList />}
        {view !== 'repairs' && incidents.data && <List page={incidents.data} view={view} />}
      </section>
      <LiveMap items={view === 'over' ? [] : (incidents.data?.items ?? [])} />
    </div>
  );
}

function List({ page, view }: { page: IncidentPage; view: View }) {
  if (page.items.length === 0) {
    return view === 'running' ? (
      <Empty title="Nothing hurts customers now">
        <p>An incident shows here within seconds of the alarm or the report that reveals it.</p>
      </Empty>
    ) : (
      <Empty title="No incident has ended yet" />
    );
  }
  return (
    <>
      <p class="hint">{plural(page.total, 'incident')}, those that hurt customers most first</p>
      <ol class="rows">
        {page.items.map((item, index) => (
          <li key={item.id}>
            <Row item={item} rank={index + 1} />
          </li>
        ))}
      </ol>
    </>
  );
}

function Row({ item, rank }: { item: IncidentItem; rank: number }) {
  const people = item.impact?.subscribers;
  return (
    <Link href={`/incidents/${encodeURIComponent(item.id)}`} class={`row row-${item.severity}`}>
      <span class="row-rank" aria-hidden="true">
        {rank}
      </span>
      <span class="row-title">{placeNames(item.places, item.placeCount)}</span>
      <span class="row-chips">
        <Chip word={item.severity} />
        <Chip word={item.state} />
        <Urgent incident={item} />
        {item.plannedWorkId && <Chip word="planned work" tone="quiet" />}
      </span>
      <span class="row-people">
        <strong>{people === undefined ? '…' : count(people)}</strong>{' '}
        {people === 1 ? 'person' : 'people'}
      </span>
      <span class="row-facts">
        {plural(item.cellCount, 'cell')} at {plural(item.siteCount, 'site')} ·{' '}
        {statedCause(item.cause)}
      </span>
      <span class="row-times">
        {item.endedAt === null ? (
          <>
            started <When at={item.startedAt} />
          </>
        ) : (
          <>
            ended <When at={item.endedAt} />
          </>
        )}
        {item.endedAt === null && item.estimatedRepairAt && (
          <>
            {' · repair '}
            <When at={item.estimatedRepairAt} only="relative" />
          </>
        )}
        {item.told > 0 && ` · ${count(item.told)} told`}
        {item.acknowledgedBy && ` · taken by ${item.acknowledgedBy}`}
      </span>
    </Link>
  );
}

function LiveMap({ items }: { items: readonly IncidentItem[] }) {
  const [box, setBox] = useState('');
  const cells = useResource<CellFeatures>(`/api/v1/cells.geojson?limit=20000${box}`, ['incident']);
  const sites = useResource<SitePoint[]>('/api/v1/sites');
  const labels = useMemo(
    () =>
      new Map(
        items.map((item) => [
          item.id,
          item.impact ? plural(item.impact.subscribers, 'person', 'people') : '',
        ]),
      ),
    [items],
  );
  const onMove = (bounds: string): void => {
    // A network that fits is loaded whole; of a larger one, what the map shows.
    if (cells.data?.truncated || box !== '') setBox(`&bbox=${bounds}`);
  };
  return (
    <section class="map-panel" aria-label="Map">
      {cells.error && <Failure error={cells.error} retry={cells.reload} />}
      {sites.data?.length === 0 ? (
        <Empty title="No sites yet">
          <p>
            Load the network with <code>tocsin import sites FILE.csv</code> and{' '}
            <code>tocsin import cells FILE.csv</code>.
          </p>
        </Empty>
      ) : (
        <NetworkMap
          cells={cells.data}
          sites={sites.data}
          labels={labels}
          onMove={onMove}
          onPick={(id) => navigate(`/incidents/${encodeURIComponent(id)}`)}
          onSite={(id) => navigate(`/sites/${encodeURIComponent(id)}`)}
        />
      )}
    </section>
  );
}
