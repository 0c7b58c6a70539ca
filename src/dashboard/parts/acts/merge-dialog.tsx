import { useState } from 'preact/hooks';
import type { RelatedIncident } from '../../../api/act-schemas.js';
import { causeName, placeNames, plural, span } from '../../format.js';
import { useResource } from '../../resource.js';
import { ReasonDialog } from '../reason-dialog.js';
import { Chip, Loading } from '../words.js';
import { type ActProps, act, noted } from './act.js';

const NAME = 'Merge';

/** What two incidents have in common, for people. */
export function sharedWords(other: RelatedIncident): string {
  const { sharedSites, sharedCauses, sharedResources, apartSeconds } = other;
  const names = (all: RelatedIncident['sharedCauses']): string =>
    all
      .slice(0, 2)
      .map(({ kind, id }) => causeName(kind, id))
      .join(' and ');
  const shared = [
    ...(sharedCauses.length > 0 ? [`candidate ${names(sharedCauses)} in both`] : []),
    ...(sharedSites > 0 ? [`${plural(sharedSites, 'site')} in both`] : []),
    ...(sharedCauses.length === 0 && sharedResources.length > 0
      ? [`both depend on ${names(sharedResources)}`]
      : []),
  ];
  const apart = `began ${span(apartSeconds * 1000)} apart`;
  return shared.length > 0 ? `${shared.join('; ')}; ${apart}` : `nothing in common; ${apart}`;
}

/** Asks which other incident this one is part of. */
export function MergeDialog({ incident, onDone, onClose }: ActProps) {
  const path = `/api/v1/incidents/${encodeURIComponent(incident.id)}/related`;
  const related = useResource<RelatedIncident[]>(path, ['incident']);
  const [into, setInto] = useState<string>();
  const chosen = related.data?.find(({ id }) => id === into);
  return (
    <ReasonDialog
      title="Which incident is it part of?"
      text={`This one is closed and goes on as the one you pick: its ${plural(incident.cellCount, 'cell')} count there and the cause is judged anew. Who was told of either is not told again; messages that wait here are not sent from here. “Split” takes cells apart again.`}
      confirm={chosen ? `Merge into ${placeNames(chosen.places, chosen.placeCount)}` : NAME}
      isReady={chosen !== undefined}
      onSubmit={async (why) => {
        await act(incident.id, 'merge', why, { into });
        onDone(noted(NAME));
      }}
      onClose={onClose}
    >
      {related.error && (
        <p class="problem" role="alert">
          {related.error.message}
        </p>
      )}
      {!related.data && !related.error && <Loading what="other incidents" />}
      {related.data?.length === 0 && <p role="status">No other incident is running.</p>}
      <ul class="choices">
        {related.data?.map((each) => (
          <li key={each.id}>
            <label class="choice">
              <input
                type="radio"
                name="into"
                checked={each.id === into}
                onChange={() => setInto(each.id)}
              />
              <Other incident={each} />
            </label>
          </li>
        ))}
      </ul>
    </ReasonDialog>
  );
}

function Other({ incident }: { incident: RelatedIncident }) {
  const { places, placeCount, state, cellCount, subscribers } = incident;
  return (
    <span>
      <strong>{placeNames(places, placeCount)}</strong> <Chip word={state} />{' '}
      <small>
        {plural(cellCount, 'cell')}
        {subscribers !== null && `, ${plural(subscribers, 'person', 'people')}`}
      </small>
      <br />
      <small>{sharedWords(incident)}</small>
    </span>
  );
}
