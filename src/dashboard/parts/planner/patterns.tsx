import { useState } from 'preact/hooks';
import type { CallPatternItem, PatternVersionItem } from '../../../api/pattern-schemas.js';
import { send } from '../../api.js';
import { decimal, percent } from '../../format.js';
import { useResource } from '../../resource.js';
import { ReasonDialog } from '../reason-dialog.js';
import { type Column, Table } from '../table.js';
import { Chip, Empty, Failure, Loading, Panel, When } from '../words.js';

const WHYS: Record<PatternVersionItem['why'], string> = {
  first: 'the first',
  nightly: 'a day is over',
  calls: 'past calls were imported',
  rules: 'rules changed',
};
const SHOWN = 5;

/** How a queue's ordinary calls were learnt, whether that drifts, and the way back. */
export function PatternsPanel({ queue }: { queue: string }) {
  const path = `/api/v1/call-patterns?queue=${encodeURIComponent(queue)}`;
  const patterns = useResource<CallPatternItem[]>(path, ['forecast']);
  const pattern = patterns.data?.[0];
  return (
    <Panel title="How ordinary calls are learnt" note="every night, from the days before">
      {patterns.error && <Failure error={patterns.error} retry={patterns.reload} />}
      {patterns.data === undefined && !patterns.error && <Loading what="the call pattern" />}
      {patterns.data?.length === 0 && (
        <Empty title="Nothing was learnt yet">
          <p>The first pattern is learnt within minutes of the first calls.</p>
        </Empty>
      )}
      {pattern && <Pattern pattern={pattern} onDone={patterns.reload} />}
    </Panel>
  );
}

function Pattern({ pattern, onDone }: { pattern: CallPatternItem; onDone: () => void }) {
  const { queue, inUse, previousVersion, putBack, drift } = pattern;
  const [asked, setAsked] = useState<'revert' | 'resume'>();
  const [news, setNews] = useState('');
  return (
    <>
      <p>
        Version {inUse} is in use.{' '}
        {putBack && (
          <>
            {putBack.by} put it back (<When at={putBack.at} />: {putBack.why}); it holds until{' '}
            {putBack.until} at most.{' '}
          </>
        )}
        <Chip
          word={drift.hasDrifted ? 'errors have grown' : 'steady'}
          tone={drift.hasDrifted ? 'warn' : 'good'}
        />
      </p>
      <p class="hint">
        {drift.times !== null &&
          `Errors of the last two weeks are ${decimal(drift.times)} times those of the eight before. `}
        {drift.issuedWape !== null &&
          `Forecasts issued a day ahead were off by ${percent(drift.issuedWape)}. `}
        {drift.done}
      </p>
      <Table
        rows={pattern.versions.slice(0, SHOWN)}
        columns={columnsOf(inUse)}
        keyOf={({ version }) => String(version)}
      />
      <p>
        {previousVersion !== null && (
          <button type="button" onClick={() => setAsked('revert')}>
            Go back to version {previousVersion}
          </button>
        )}
        {putBack && (
          <button type="button" onClick={() => setAsked('resume')}>
            Use the newest again
          </button>
        )}
      </p>
      <p role="status">{news}</p>
      {asked && (
        <ReasonDialog
          title={asked === 'revert' ? `Go back to version ${previousVersion}?` : 'Use the newest?'}
          text={
            asked === 'revert'
              ? `Forecasts of ${queue} are made from version ${previousVersion} with the next tick. Learning goes on beside it; “Use the newest again” undoes this.`
              : `Forecasts of ${queue} are made from the newest version with the next tick.`
          }
          confirm={asked === 'revert' ? 'Go back' : 'Use the newest'}
          isDangerous={asked === 'revert'}
          onSubmit={async (why) => {
            await send('POST', `/api/v1/call-patterns/${asked}`, { queue, why });
            setNews('Noted: the forecast changes with the next tick.');
            onDone();
          }}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  );
}

const share = (value: number | null): string =>
  value === null ? '–' : `${decimal(value * 100)} %`;

type Columns = [Column<PatternVersionItem>, ...Column<PatternVersionItem>[]];
const columnsOf = (inUse: number): Columns => [
  { title: 'Version', cell: ({ version }) => `${version}${version === inUse ? ', in use' : ''}` },
  { title: 'Learnt', cell: ({ learntAt }) => <When at={learntAt} only="relative" /> },
  {
    title: 'From the days',
    isExtra: true,
    cell: ({ from, to }) => (from ? `${from} to ${to}` : 'no calls'),
  },
  { title: 'Because', cell: ({ why }) => WHYS[why] },
  { title: 'Error', isNumber: true, cell: ({ recentWape }) => share(recentWape) },
  { title: 'Before', isNumber: true, isExtra: true, cell: ({ usualWape }) => share(usualWape) },
];
