import { useState } from 'preact/hooks';
import type {
  AuditEntry,
  DeadLetterCount,
  DeadLetterSample,
  GapItem,
  SourceItem,
} from '../../api/schemas.js';
import type { HealthReport } from '../../runtime/health.js';
import { type Me, mayOperate } from '../api.js';
import { count, plural, words } from '../format.js';
import { Chip, Empty, Failure, Loading, Panel, When } from '../parts/words.js';
import { useResource } from '../resource.js';
import { Link } from '../router.js';

/** How Tocsin is: its parts, its sources, what could not be read, who did what. */
export function SourcesPage({ me }: { me: Me }) {
  return (
    <article>
      <h1>Sources and health</h1>
      <div class="panels">
        <HealthPanel />
        <GapsPanel />
        <DeadLettersPanel canSeeRaw={mayOperate(me)} />
        {mayOperate(me) && <AuditPanel />}
      </div>
    </article>
  );
}

function HealthPanel() {
  const health = useResource<HealthReport>('/api/v1/health', ['health']);
  const sources = useResource<SourceItem[]>('/api/v1/sources', ['health']);
  return (
    <Panel title="Parts">
      {health.error && <Failure error={health.error} retry={health.reload} />}
      {!health.data && !health.error && <Loading what="health" />}
      {health.data && (
        <ul class="parts">
          {health.data.components.map((part) => (
            <li key={part.name}>
              <Chip word={part.status} />
              <div>
                <strong>{part.name}</strong>{' '}
                <span class="hint">
                  since <Wall at={part.since} />
                </span>
                <p>{part.detail}</p>
              </div>
            </li>
          ))}
        </ul>
      )}
      {sources.data && sources.data.length > 0 && (
        <>
          <h3>Read so far</h3>
          <ul class="plain-list">
            {sources.data.map((source) => (
              <li key={source.source}>
                {source.source}{' '}
                <span class="hint">
                  moved <Wall at={source.updatedAt} />
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

/** Wall time, which is not network time in a demo: given by the clock alone. */
function Wall({ at }: { at: string }) {
  return (
    <time dateTime={at}>
      {new Date(at).toLocaleString('en-GB', {
        day: 'numeric',
        month: 'short',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
      })}
    </time>
  );
}

function GapsPanel() {
  const gaps = useResource<GapItem[]>('/api/v1/telemetry-gaps?limit=20', ['gap']);
  return (
    <Panel title="Telemetry gaps" note="silence that is the feed’s, not the network’s">
      {gaps.error && <Failure error={gaps.error} retry={gaps.reload} />}
      {gaps.data?.length === 0 && <Empty title="Every feed has delivered" />}
      <ul class="plain-list">
        {gaps.data?.map((gap) => (
          <li key={gap.id}>
            <Chip
              word={gap.to === null ? 'lasting' : 'over'}
              tone={gap.to === null ? 'note' : 'quiet'}
            />{' '}
            <strong>{gap.feed}</strong> {plural(gap.cells, 'cell')}, <When at={gap.from} />
            {gap.to && (
              <>
                {' '}
                to <When at={gap.to} only="clock" />
              </>
            )}
            <p>{gap.reason}</p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function DeadLettersPanel({ canSeeRaw }: { canSeeRaw: boolean }) {
  const letters = useResource<DeadLetterCount[]>('/api/v1/dead-letters', ['health']);
  const [feed, setFeed] = useState<string>();
  return (
    <Panel title="What could not be read" note="nothing else is lost because of it" wide>
      {letters.error && <Failure error={letters.error} retry={letters.reload} />}
      {letters.data?.length === 0 && <Empty title="Everything could be read" />}
      {letters.data !== undefined && letters.data.length > 0 && (
        <div class="table">
          <table class="stack">
            <thead>
              <tr>
                <th scope="col">Feed</th>
                <th scope="col">Reason</th>
                <th scope="col" class="number">
                  Count
                </th>
                <th scope="col">Last</th>
                <th scope="col">For example</th>
                {canSeeRaw && <th scope="col" />}
              </tr>
            </thead>
            <tbody>
              {letters.data.map((each) => (
                <DeadLetterRow
                  key={`${each.feed} ${each.source} ${each.reason}`}
                  letter={each}
                  {...(canSeeRaw ? { onSamples: setFeed } : {})}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {feed !== undefined && <Samples feed={feed} />}
    </Panel>
  );
}

function DeadLetterRow(props: { letter: DeadLetterCount; onSamples?: (feed: string) => void }) {
  const { letter, onSamples } = props;
  return (
    <tr>
      <th scope="row">
        {letter.feed} <small>{letter.source}</small>
      </th>
      <td>{words(letter.reason)}</td>
      <td class="number" data-name="Count">
        {count(letter.count)}
      </td>
      <td data-name="Last">
        <Wall at={letter.lastAt} />
      </td>
      <td>{letter.lastDetail ?? 'no sample kept'}</td>
      {onSamples && (
        <td>
          <button type="button" onClick={() => onSamples(letter.feed)}>
            Samples
          </button>
        </td>
      )}
    </tr>
  );
}

function Samples({ feed }: { feed: string }) {
  const path = `/api/v1/dead-letters/${encodeURIComponent(feed)}/samples`;
  const samples = useResource<DeadLetterSample[]>(path);
  return (
    <section aria-live="polite">
      <h3>Newest samples of {feed}</h3>
      {samples.error && <Failure error={samples.error} retry={samples.reload} />}
      {samples.data?.length === 0 && <Empty title="No sample is kept of this feed" />}
      <ul class="plain-list">
        {samples.data?.map((sample) => (
          <li key={sample.id}>
            <p>
              <Wall at={sample.at} /> {sample.detail}
            </p>
            <pre>{sample.payload}</pre>
          </li>
        ))}
      </ul>
    </section>
  );
}

function AuditPanel() {
  const audit = useResource<AuditEntry[]>('/api/v1/audit?limit=50', ['incident', 'settings']);
  return (
    <Panel title="Who did what" note="the last 50 acts" wide>
      {audit.error && <Failure error={audit.error} retry={audit.reload} />}
      {audit.data?.length === 0 && <Empty title="Nobody has done anything yet" />}
      <div class="table">
        <table class="stack">
          <tbody>
            {audit.data?.map((entry) => (
              <tr key={entry.id}>
                <td>
                  <Wall at={entry.at} />
                </td>
                <th scope="row">{entry.actor}</th>
                <td>{words(entry.action)}</td>
                <td>
                  {entry.target?.startsWith('inc') ? (
                    <Link href={`/incidents/${encodeURIComponent(entry.target)}`}>
                      {entry.target}
                    </Link>
                  ) : (
                    entry.target
                  )}
                </td>
                <td>{entry.why}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
