import { useState } from 'preact/hooks';
import type { RecurringItem, RecurringKind, RecurringPage } from '../../api/recurring-schemas.js';
import { causeName, count, plural, span } from '../format.js';
import { Chip, Empty, Failure, Loading, Panel, Tabs, When } from '../parts/words.js';
import { useResource } from '../resource.js';
import { Link } from '../router.js';

const KINDS: readonly (readonly [string, RecurringKind])[] = [
  ['Cells', 'cell'],
  ['Sites', 'site'],
  ['Towns', 'town'],
  ['Causes', 'cause'],
];
const SPANS = [
  ['7 days', 7],
  ['30 days', 30],
  ['90 days', 90],
] as const;
const MINUTE = 60_000;

/** Where problems recur or do not end, for engineers: what to mend for good, worst first. */
export function RecurringProblemsPage() {
  const [by, setBy] = useState<RecurringKind>('site');
  const [days, setDays] = useState<number>(30);
  const query = `by=${by}&days=${days}`;
  const page = useResource<RecurringPage>(`/api/v1/recurring?${query}`, ['incident']);
  return (
    <article>
      <div class="list-head">
        <h1>Recurring problems</h1>
        <Tabs label="Counted by" options={KINDS} value={by} onChange={setBy} />
        <Tabs label="Over which time" options={SPANS} value={days} onChange={setDays} />
      </div>
      {page.error && <Failure error={page.error} retry={page.reload} />}
      {!page.data && !page.error && <Loading what="recurring problems" />}
      {page.data && <List page={page.data} by={by} query={query} />}
    </article>
  );
}

interface Props {
  readonly page: RecurringPage;
  readonly by: RecurringKind;
  readonly query: string;
}

function List({ page, by, query }: Props) {
  if (page.total === 0) {
    return (
      <Empty title="Nothing has recurred">
        <p>
          What was in two confirmed incidents or more stands here, and what one held for a day or
          longer. Planned work and what was marked “not an incident” do not count.
        </p>
      </Empty>
    );
  }
  const shown = page.items.length < page.total ? `, the first ${count(page.items.length)}` : '';
  return (
    <Panel title={plural(page.total, WORDS[by])} note={`most user-minutes first${shown}`} wide>
      <p class="hint">
        In two confirmed incidents or more, or in one for a day or longer, since{' '}
        <When at={page.since} only="clock" />.{' '}
        <a href={`/api/v1/recurring.csv?${query}`}>As a file</a>
      </p>
      <div class="table">
        <table class="stack">
          <thead>
            <tr>
              <th scope="col">Where</th>
              <th scope="col" class="number">
                User-minutes
              </th>
              <th scope="col" class="number">
                Incidents
              </th>
              <th scope="col">Longest</th>
              <th scope="col">Service lost, all cells</th>
              <th scope="col">Last</th>
              {by !== 'cause' && <th scope="col">Mostly</th>}
            </tr>
          </thead>
          <tbody>
            {page.items.map((item) => (
              <Row key={item.id + item.mostly.kind} item={item} by={by} />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

const WORDS: Readonly<Record<RecurringKind, string>> = {
  cell: 'cell',
  site: 'site',
  town: 'town',
  cause: 'cause',
};

function Row({ item, by }: { item: RecurringItem; by: RecurringKind }) {
  const { mostly, lastAt, lastIncidentId } = item;
  return (
    <tr>
      <th scope="row">
        <Where item={item} by={by} />
      </th>
      <td class="number" data-name="User-minutes">
        {count(item.userMinutes)}
      </td>
      <td class="number" data-name="Incidents">
        {count(item.incidents)}
      </td>
      <td data-name="Longest">{span(item.longestMinutes * MINUTE)}</td>
      <td data-name="Service lost, all cells">{span(item.lostMinutes * MINUTE)}</td>
      <td data-name="Last">
        <Link href={`/incidents/${encodeURIComponent(lastIncidentId)}`}>
          {lastAt === null ? 'going on' : <When at={lastAt} only="relative" />}
        </Link>
      </td>
      {by !== 'cause' && <td data-name="Mostly">{causeName(mostly.kind, mostly.id)}</td>}
    </tr>
  );
}

function Where({ item, by }: { item: RecurringItem; by: RecurringKind }) {
  const { id, name, site, cells, mostly, why } = item;
  const words = by === 'cause' ? causeName(mostly.kind, id) : by === 'site' ? (name ?? id) : id;
  return (
    <>
      {site === null ? words : <Link href={`/sites/${encodeURIComponent(site)}`}>{words}</Link>}{' '}
      {why !== 'repeated' && <Chip word="lasting" tone="warn" />}
      <span class="hint">
        {' '}
        {[by === 'cell' ? name : null, by === 'site' && name !== null ? id : null]
          .filter((each) => each !== null)
          .join(' ')}
        {by !== 'cell' && ` ${plural(cells, 'cell')}`}
      </span>
    </>
  );
}
