import { useState } from 'preact/hooks';
import type { ResourceItem } from '../../../api/act-schemas.js';
import type { IncidentDetail } from '../../../api/schemas.js';
import { causeName, percent } from '../../format.js';
import { ReasonDialog } from '../reason-dialog.js';
import { ResourceSearch } from '../resource-search.js';
import { type ActProps, act, noted } from './act.js';

const NAME = 'Set cause';

interface Named {
  readonly kind: string;
  readonly id: string;
  /** undefined for what has the same cells as the one above it */
  readonly probability?: number;
}

/** What can be picked: every candidate with those that evidence cannot tell from it. */
function pickable({ candidates }: IncidentDetail): Named[] {
  return candidates.flatMap(({ kind, id, probability, alike = [] }) =>
    id === '' ? [] : [{ kind, id, probability }, ...alike],
  );
}

/** Kinds that are types of their own; others are found by their id. */
const TYPES: readonly string[] = ['cell', 'sector', 'site', 'software'];

function resourceOf({ kind, id }: Named): { type?: string; id: string } {
  return TYPES.includes(kind) ? { type: kind, id } : { id };
}

/** Asks what caused an incident: one of the candidates, or any resource. */
export function CauseDialog({ incident, onDone, onClose }: ActProps) {
  const [candidate, setCandidate] = useState<Named>();
  const [other, setOther] = useState<ResourceItem>();
  const resource = candidate ? resourceOf(candidate) : other && { type: other.type, id: other.id };
  return (
    <ReasonDialog
      title="What caused it?"
      text="The incident keeps this cause, whatever evidence comes, until someone sets another. Agents and messages speak of it. Confirming the first candidate helps too: it counts in the report of quality."
      confirm={NAME}
      isReady={resource !== undefined}
      onSubmit={async (why) => {
        await act(incident.id, 'setCause', why, { resource });
        onDone(noted(NAME));
      }}
      onClose={onClose}
    >
      <fieldset class="choices">
        <legend>Candidates, most probable first</legend>
        {pickable(incident).map((each) => (
          <label class="choice" key={`${each.kind} ${each.id}`}>
            <input
              type="radio"
              name="resource"
              checked={each.id === candidate?.id && each.kind === candidate.kind}
              onChange={() => {
                setOther(undefined);
                setCandidate(each);
              }}
            />
            <span>
              {causeName(each.kind, each.id)}{' '}
              <small>
                {each.probability === undefined ? 'the same cells' : percent(each.probability)}
              </small>
            </span>
          </label>
        ))}
      </fieldset>
      <ResourceSearch
        label="Or another resource"
        picked={other}
        onPick={(picked) => {
          setCandidate(undefined);
          setOther(picked);
        }}
      />
    </ReasonDialog>
  );
}
