import { useState } from 'preact/hooks';
import type { ResourceItem } from '../../../api/act-schemas.js';
import type { IncidentDetail } from '../../../api/schemas.js';
import { useResource } from '../../resource.js';
import { ReasonDialog } from '../reason-dialog.js';
import { ResourceSearch } from '../resource-search.js';
import { Loading, Tabs } from '../words.js';
import { type ActProps, act, noted } from './act.js';
import { CellPicker } from './cell-picker.js';

const NAME = 'Split off';
const WAYS = [
  ['Cells and sites', 'cells'],
  ['All below a resource', 'resource'],
] as const;

/** Asks which cells of an incident are another one's. */
export function SplitDialog({ incident, onDone, onClose }: ActProps) {
  const path = `/api/v1/incidents/${encodeURIComponent(incident.id)}/cells`;
  const cells = useResource<IncidentDetail['cells']>(path, ['incident'], incident.id);
  const [way, setWay] = useState<(typeof WAYS)[number][1]>('cells');
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [resource, setResource] = useState<ResourceItem>();
  const all = cells.data ?? [];
  const chosen = all.flatMap(({ cellId }) => (picked.has(cellId) ? [cellId] : []));
  const isPart = chosen.length > 0 && chosen.length < all.length;
  return (
    <ReasonDialog
      title="Which cells are another incident’s?"
      text="They become an incident of their own, and both parts stay apart whatever evidence says; the cause of each is judged anew. Who was told already is not told again. At least one cell must stay. “Merge” puts them together again."
      confirm={NAME}
      isReady={way === 'cells' ? isPart : resource !== undefined}
      onSubmit={async (why) => {
        const named = resource && { resource: { type: resource.type, id: resource.id } };
        await act(incident.id, 'split', why, way === 'cells' ? { cells: chosen } : named);
        onDone(noted(NAME));
      }}
      onClose={onClose}
    >
      <Tabs label="How they are named" options={WAYS} value={way} onChange={setWay} />
      {cells.error && (
        <p class="problem" role="alert">
          {cells.error.message}
        </p>
      )}
      {way === 'resource' && (
        <ResourceSearch
          label="All cells of this incident that depend on"
          picked={resource}
          onPick={setResource}
        />
      )}
      {way === 'cells' && !cells.data && !cells.error && <Loading what="cells" />}
      {way === 'cells' && cells.data && (
        <CellPicker cells={all} picked={picked} onChange={setPicked} />
      )}
    </ReasonDialog>
  );
}
