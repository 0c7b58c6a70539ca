import { useState } from 'preact/hooks';
import type { AcceptedLevel, ResourceItem } from '../../../api/act-schemas.js';
import { type Me, mayOperate, send } from '../../api.js';
import { decimal, kpiName } from '../../format.js';
import { useResource } from '../../resource.js';
import { ReasonDialog } from '../reason-dialog.js';
import { ResourceSearch } from '../resource-search.js';
import { Table } from '../table.js';
import { Empty, Failure, Panel, When } from '../words.js';

/** Lasting new levels that were accepted, and how to say so by hand. */
export function LevelsPanel({ me }: { me: Me }) {
  const levels = useResource<AcceptedLevel[]>('/api/v1/accepted-levels?limit=50', ['incident']);
  const [isAsking, setAsking] = useState(false);
  const [news, setNews] = useState('');
  return (
    <Panel title="New levels accepted" note="newest first" wide>
      <p class="hint">
        A deviation that lasts longer than newLevelAfterHours in rules/detection.yaml is taken for
        the new normal. After a re-tuning or an upgrade you can say so at once.
      </p>
      {mayOperate(me) && (
        <p>
          <button type="button" onClick={() => setAsking(true)}>
            Accept a level
          </button>{' '}
          <span role="status">{news}</span>
        </p>
      )}
      {levels.error && <Failure error={levels.error} retry={levels.reload} />}
      {levels.data?.length === 0 && <Empty title="No new level has been accepted yet" />}
      {levels.data !== undefined && levels.data.length > 0 && <Levels levels={levels.data} />}
      {isAsking && (
        <AcceptDialog
          onDone={(id) => {
            setNews(`Noted for ${id}: what deviates is accepted with its next report.`);
            levels.reload();
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </Panel>
  );
}

function Levels({ levels }: { levels: readonly AcceptedLevel[] }) {
  return (
    <Table
      rows={levels}
      keyOf={({ objectId, kpi, at, feed }) => `${objectId} ${kpi} ${at} ${feed}`}
      isStacked
      isScrolled
      columns={[
        {
          title: 'Object',
          cell: ({ objectId, feed }) => (
            <>
              {objectId} <small>{feed}</small>
            </>
          ),
        },
        { title: 'KPI', shortTitle: '', cell: ({ kpi }) => kpiName(kpi) },
        { title: 'Before', isNumber: true, cell: ({ expected }) => level(expected) },
        { title: 'Now', isNumber: true, cell: ({ observed }) => level(observed) },
        { title: 'Accepted', cell: ({ at }) => <When at={at} /> },
        { title: 'Because', shortTitle: '', cell: because },
      ]}
    />
  );
}

function level(value: number | null): string {
  return value === null ? '' : decimal(value);
}

function because({ accepted, startedAt }: AcceptedLevel) {
  if (accepted === 'operator') return 'an operator said so';
  return (
    <>
      it lasted since <When at={startedAt} only="relative" />
    </>
  );
}

function AcceptDialog(props: { onDone: (id: string) => void; onClose: () => void }) {
  const [object, setObject] = useState<ResourceItem>();
  return (
    <ReasonDialog
      title="Whose new level is normal?"
      text="With its next report everything that deviates at this object is taken for its new normal: open deviations end, and are not told again. It cannot be undone; a later change is judged against the new level. Where nothing deviates, nothing happens."
      confirm="Accept the level"
      isReady={object !== undefined}
      onSubmit={async (why) => {
        const id = object?.id ?? '';
        await send('POST', `/api/v1/objects/${encodeURIComponent(id)}/accept-level`, { why });
        props.onDone(id);
      }}
      onClose={props.onClose}
    >
      <ResourceSearch label="Cell, link or function" picked={object} onPick={setObject} />
    </ReasonDialog>
  );
}
