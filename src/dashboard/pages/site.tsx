import type { SiteView } from '../../api/site-schemas.js';
import { useNow } from '../clock.js';
import { causeName, count, percent, plural, span, statedCause, words } from '../format.js';
import { RepairFigure } from '../parts/repair-figure.js';
import { Urgent } from '../parts/urgent.js';
import { Chip, Empty, Failure, Figure, Loading, LocalTimes, Panel, When } from '../parts/words.js';
import { useResource } from '../resource.js';
import { Link } from '../router.js';

/** One site for a field crew: what is wrong, since when, who waits, how often before. */
export function SitePage({ id }: { id: string }) {
  const site = useResource<SiteView>(`/api/v1/sites/${encodeURIComponent(id)}`, [
    'incident',
    'gap',
  ]);
  if (site.data === undefined) {
    if (site.error?.status === 404) {
      return (
        <Empty title="There is no such site">
          <Link href="/">Go to the incidents</Link>
        </Empty>
      );
    }
    return site.error ? (
      <Failure error={site.error} retry={site.reload} />
    ) : (
      <Loading what="the site" />
    );
  }
  return (
    <article>
      <Head site={site.data} />
      {site.error && <Failure error={site.error} retry={site.reload} />}
      <div class="panels">
        <NowPanel site={site.data} />
        <CellsPanel site={site.data} />
        <BeforePanel site={site.data} />
        <AbovePanel site={site.data} />
      </div>
    </article>
  );
}

function Head({ site }: { site: SiteView }) {
  const { name, id, waiting, cells, now, beforeCount, days } = site;
  const bad = cells.filter(({ state }) => state !== 'ok');
  const [first] = now.flatMap(({ sinceHere }) => (sinceHere === null ? [] : [sinceHere])).sort();
  return (
    <header class="incident-head">
      <p class="back">
        <Link href="/">← Incidents</Link>
        <span class="id">{id}</span>
      </p>
      <h1>{name ?? id}</h1>
      <p>
        <a href={`geo:${site.lat},${site.lon}`}>
          {site.lat.toFixed(5)}, {site.lon.toFixed(5)}
        </a>
      </p>
      <dl class="figures">
        <Figure
          name="People who wait"
          value={`${waiting.isEstimate ? 'at least ' : ''}${count(Math.round(waiting.expected))}`}
          note={`${count(waiting.withoutService)} without service`}
        />
        <Figure name="Cells in trouble" value={`${count(bad.length)} of ${count(cells.length)}`} />
        <div class="figure">
          <dt>Since</dt>
          <dd>
            <strong>
              {first === undefined ? 'all is well' : <When at={first} only="clock" />}
            </strong>
            {first !== undefined && (
              <span>
                <When at={first} only="relative" />
              </span>
            )}
          </dd>
        </div>
        <Figure name="Before" value={plural(beforeCount, 'incident')} note={`in ${days} days`} />
      </dl>
    </header>
  );
}

function NowPanel({ site }: { site: SiteView }) {
  return (
    <Panel title="What is wrong now" wide>
      {site.now.length === 0 && <Empty title="No running incident concerns this site" />}
      {site.now.map((item) => (
        <section key={item.id} class="site-now">
          <p class="chips">
            <Link href={`/incidents/${encodeURIComponent(item.id)}`}>
              {statedCause(item.cause)}
            </Link>
            <Chip word={item.severity} />
            <Chip word={item.state} />
            <Urgent incident={item} />
            {item.plannedWorkId && <Chip word="planned work" tone="quiet" />}
          </p>
          <p>
            <LocalTimes text={item.explanation} />
          </p>
          <p class="hint">
            {item.cellsHere === 0
              ? 'None of its cells is here now'
              : `${plural(item.cellsHere, 'cell')} here, of ${count(item.cellCount)} at ${plural(item.siteCount, 'site')}`}
            {item.acknowledgedBy && `, taken by ${item.acknowledgedBy}`}
          </p>
          <dl class="figures">
            <RepairFigure incident={item} />
          </dl>
        </section>
      ))}
      {site.waiting.people > 0 && (
        <p class="hint">
          {plural(site.waiting.people, 'person', 'people')} who live, usually are or were seen here
          may be affected; about {count(Math.round(site.waiting.expected))} are, weighing each by
          how probable it is.
        </p>
      )}
    </Panel>
  );
}

function CellsPanel({ site }: { site: SiteView }) {
  return (
    <Panel title="Cells" note={`${count(site.cells.length)}, worst first`} wide>
      <div class="table scroll">
        <table class="stack">
          <thead>
            <tr>
              <th scope="col">Cell</th>
              <th scope="col">State</th>
              <th scope="col">Service lost</th>
              <th scope="col">Since</th>
              <th scope="col">Equipment</th>
            </tr>
          </thead>
          <tbody>
            {site.cells.map((cell) => (
              <tr key={cell.id}>
                <th scope="row">{cell.id}</th>
                <td data-name="State">
                  <span class={`swatch swatch-${cell.state}`} aria-hidden="true" />{' '}
                  {cell.state === 'ok' ? 'in service' : words(cell.state)}
                </td>
                <td data-name="Service lost">{cell.degree === 0 ? '' : percent(cell.degree)}</td>
                <td data-name="Since">{cell.since && <When at={cell.since} />}</td>
                <td data-name="Equipment">
                  {[cell.technology, cell.vendor, cell.azimuth === null ? null : `${cell.azimuth}°`]
                    .filter((each) => each !== null)
                    .join(' · ')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function BeforePanel({ site }: { site: SiteView }) {
  const now = useNow(60_000);
  return (
    <Panel title="Before" note={`the last ${site.days} days, newest first`}>
      {site.before.length === 0 && <Empty title="Nothing before" />}
      <ol class="timeline scroll">
        {site.before.map((each) => {
          const lasted = (each.to === null ? now : Date.parse(each.to)) - Date.parse(each.from);
          return (
            <li key={each.incidentId} class="event">
              <p>
                <Link href={`/incidents/${encodeURIComponent(each.incidentId)}`}>
                  {causeName(each.cause.kind, each.cause.id)}
                </Link>{' '}
                <When at={each.from} />
              </p>
              <p class="hint">
                {plural(each.cells, 'cell')} here for {span(lasted)}, up to {percent(each.degree)}{' '}
                of service lost
              </p>
            </li>
          );
        })}
      </ol>
      {site.beforeCount > site.before.length && (
        <p class="hint">The newest {count(site.before.length)} are shown.</p>
      )}
    </Panel>
  );
}

function AbovePanel({ site }: { site: SiteView }) {
  return (
    <Panel title="Depends on" note="nearest first">
      {site.dependsOn.length === 0 && <Empty title="The inventory names no link above it" />}
      <ul class="plain-list">
        {site.dependsOn.map(({ kind, id }) => (
          <li key={`${kind} ${id}`}>{causeName(kind, id)}</li>
        ))}
      </ul>
    </Panel>
  );
}
