import { useState } from 'preact/hooks';
import type { SilenceItem } from '../../api/act-schemas.js';
import { type Me, mayOperate, send } from '../api.js';
import { useNow } from '../clock.js';
import { placeNames, plural } from '../format.js';
import { useResource } from '../resource.js';
import { Link } from '../router.js';
import { ReasonDialog } from './reason-dialog.js';
import { When } from './words.js';

/** Silences that are on, each with its end; nothing when there is none. */
export function Silences({ me }: { me: Me }) {
  const silences = useResource<SilenceItem[]>('/api/v1/silences', ['settings', 'incident']);
  const now = useNow(60_000);
  const [ending, setEnding] = useState<SilenceItem>();
  const lasting = silences.data?.filter(({ until }) => Date.parse(until) > now) ?? [];
  if (lasting.length === 0 && ending === undefined) return null;
  return (
    <section class="silences" aria-label="Silences">
      <h2>{plural(lasting.length, 'silence')}</h2>
      <ul class="plain-list">
        {lasting.map((each) => (
          <li key={each.actId}>
            <p>
              <Name silence={each} /> until <When at={each.until} only="clock" />
              <small>
                {' '}
                by {each.by}: {each.why}
              </small>
            </p>
            {mayOperate(me) && (
              <button
                type="button"
                aria-label={`End the silence of ${nameOf(each)}`}
                onClick={() => setEnding(each)}
              >
                End
              </button>
            )}
          </li>
        ))}
      </ul>
      {ending && (
        <ReasonDialog
          title={`End the silence of ${nameOf(ending)}?`}
          text="From the next tick on what it holds may open incidents again, and people may be told of it."
          confirm="End the silence"
          onSubmit={async (why) => {
            await send('POST', `/api/v1/silences/${encodeURIComponent(ending.actId)}/end`, { why });
            silences.reload();
          }}
          onClose={() => setEnding(undefined)}
        />
      )}
    </section>
  );
}

function nameOf({ incidentId, resource, places }: SilenceItem): string {
  if (resource !== null) return resource.id;
  return places.length > 0 ? placeNames(places, places.length) : (incidentId ?? '');
}

function Name({ silence }: { silence: SilenceItem }) {
  if (silence.incidentId === null) return <strong>{nameOf(silence)}</strong>;
  return (
    <Link href={`/incidents/${encodeURIComponent(silence.incidentId)}`}>{nameOf(silence)}</Link>
  );
}
