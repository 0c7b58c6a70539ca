import { useState } from 'preact/hooks';
import type { WorksItem } from '../../api/works-schemas.js';
import { type Me, mayOperate, send } from '../api.js';
import { DryRunView } from '../parts/dry-run.js';
import { WavesAndMessages } from '../parts/incident-messages.js';
import { ReasonDialog } from '../parts/reason-dialog.js';
import { Empty, Failure, Loading, Panel, When } from '../parts/words.js';
import { useResource } from '../resource.js';

/** Planned works to come: who is told of them, and who lets that go. */
export function WorksPage({ me }: { me: Me }) {
  const works = useResource<WorksItem[]>('/api/v1/works', ['messages']);
  return (
    <article>
      <div class="list-head">
        <h1>Planned works</h1>
      </div>
      {works.error && <Failure error={works.error} retry={works.reload} />}
      {!works.data && !works.error && <Loading what="planned works" />}
      {works.data?.length === 0 && (
        <Empty title="No works are planned">
          <p>Works come by “tocsin import works”. Those to come and under way stand here.</p>
        </Empty>
      )}
      {works.data?.map((each) => (
        <WorksPanel key={each.workId} works={each} me={me} onDone={works.reload} />
      ))}
    </article>
  );
}

interface Props {
  readonly works: WorksItem;
  readonly me: Me;
  readonly onDone: () => void;
}

function WorksPanel({ works, me, onDone }: Props) {
  const { workId, resourceId, startsAt, endsAt, description } = works;
  const path = `/api/v1/works/${encodeURIComponent(workId)}`;
  return (
    <Panel title={`${workId} on ${resourceId}`} note={description ?? ''} wide>
      <p>
        From <When at={startsAt} /> to <When at={endsAt} only="clock" />.
      </p>
      {works.waves.length === 0 && <p class="hint">Nobody is to be told as yet.</p>}
      <WavesAndMessages waves={works.waves} messages={works.messages} />
      {mayOperate(me) && <WorksActs works={works} path={path} onDone={onDone} />}
      <DryRunView path={`${path}/dry-run`} />
    </Panel>
  );
}

const ACTS = {
  approve: {
    name: 'Approve messages',
    from: ['awaitingApproval', 'held'],
    text: 'They leave now or when quiet hours end, to everyone who may be told. “Hold messages” stops what has not left.',
  },
  hold: {
    name: 'Hold messages',
    from: ['awaitingApproval', 'expanding', 'expanded'],
    text: 'No further message about these works leaves until someone approves.',
  },
  cancel: {
    name: 'Cancel messages',
    from: ['awaitingApproval', 'expanding', 'expanded', 'held'],
    text: 'What has not left is never sent. What has left cannot be called back, and this cannot be undone; works that are moved are told anew.',
  },
} as const;
type Action = keyof typeof ACTS;

function WorksActs({
  works,
  path,
  onDone,
}: {
  works: WorksItem;
  path: string;
  onDone: () => void;
}) {
  const [open, setOpen] = useState<Action>();
  const [news, setNews] = useState('');
  const can = (action: Action): boolean =>
    works.waves.some(({ state }) => (ACTS[action].from as readonly string[]).includes(state));
  const actions = (Object.keys(ACTS) as Action[]).filter(can);
  return (
    <div class="actions">
      {actions.map((action) => (
        <button
          key={action}
          type="button"
          class={action === 'approve' ? 'primary' : ''}
          onClick={() => setOpen(action)}
        >
          {ACTS[action].name}
        </button>
      ))}
      <p role="status">{news}</p>
      {open && (
        <ReasonDialog
          title={`${ACTS[open].name} about ${works.workId}?`}
          text={ACTS[open].text}
          confirm={ACTS[open].name}
          isDangerous={open === 'cancel'}
          onSubmit={async (why) => {
            await send('POST', `${path}/acts`, { action: open, why });
            setNews(`“${ACTS[open].name}” is noted and takes effect with the next tick.`);
            onDone();
          }}
          onClose={() => setOpen(undefined)}
        />
      )}
    </div>
  );
}
