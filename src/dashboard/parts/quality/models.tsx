import { useState } from 'preact/hooks';
import type { LaneModel } from '../../../api/act-schemas.js';
import { send } from '../../api.js';
import { decimal, kpiName } from '../../format.js';
import { ReasonDialog } from '../reason-dialog.js';
import { Table } from '../table.js';
import { Chip, Empty, Panel } from '../words.js';

interface Props {
  readonly models: readonly LaneModel[];
  readonly onDone: () => void;
}

/** Versions of the models by feed and shard, and the way back. */
export function ModelsPanel({ models, onDone }: Props) {
  const [feed, setFeed] = useState<string>();
  const [news, setNews] = useState('');
  const versions = models.filter((each) => each.feed === feed);
  return (
    <Panel title="Models" note="by feed and shard" wide>
      {models.length === 0 && (
        <Empty title="No shard has said yet how its models stand">
          <p>The process that works says so when it starts, and with every checkpoint.</p>
        </Empty>
      )}
      <ul class="plain-list models">
        {models.map((model) => (
          <li key={`${model.stream} ${model.feed}`}>
            <p>
              <strong>{model.feed}</strong> <small>{model.stream}</small>
              <br />
              version {model.version}
              {model.version === 0 && ' (as shipped)'}
              {model.clusters > 0 && `, ${model.clusters} clusters of objects`}, correction{' '}
              {decimal(model.rateFactor)}
            </p>
            {model.previousVersion === null ? (
              <p class="hint">There is no version before.</p>
            ) : (
              <button type="button" onClick={() => setFeed(model.feed)}>
                Go back to version {model.previousVersion}
              </button>
            )}
          </li>
        ))}
      </ul>
      <p role="status">{news}</p>
      {feed !== undefined && (
        <ReasonDialog
          title={`Go back to the models before, for ${feed}?`}
          text={`${versions.map(wordsOf).join('; ')}. It takes effect with the next period and holds until the next scheduled fit, which may bring a newer version. Going forward again is not possible before that.`}
          confirm="Go back"
          isDangerous
          onSubmit={async (why) => {
            await send('POST', '/api/v1/models/revert', { feed, why });
            setNews(
              `Going back is noted for ${feed}: the version here changes with the next checkpoint after the next period.`,
            );
            onDone();
          }}
          onClose={() => setFeed(undefined)}
        />
      )}
    </Panel>
  );
}

function wordsOf({ stream, version, previousVersion }: LaneModel): string {
  return previousVersion === null
    ? `${stream} stays at ${version}, there is none before`
    : `${stream} goes from version ${version} to ${previousVersion}`;
}

/** Whether scores are as rare as they say, by feed, KPI and vendor. */
export function CalibrationPanel({ models }: Pick<Props, 'models'>) {
  const rows = models.flatMap(({ stream, feed, calibration }) =>
    calibration.map((each) => ({ stream, feed, ...each })),
  );
  return (
    <Panel
      title="Calibration"
      note="share of healthy scores beyond what 1 % and 0.1 % should exceed"
      wide
    >
      {rows.length === 0 ? (
        <Empty title="Nothing is settled enough to be watched yet">
          <p>A KPI is watched once its tail rests on 20,000 readings, day by day.</p>
        </Empty>
      ) : (
        <Table
          rows={rows}
          keyOf={({ stream, feed, kpi, vendor }) => `${stream} ${feed} ${kpi} ${vendor}`}
          isStacked
          columns={[
            { title: 'KPI', cell: ({ kpi }) => kpiName(kpi) },
            { title: 'Vendor', cell: ({ vendor }) => (vendor === '' ? 'not known' : vendor) },
            {
              title: 'Feed',
              cell: ({ feed, stream }) => (
                <>
                  {feed} <small>{stream}</small>
                </>
              ),
            },
            { title: '1 %', isNumber: true, cell: ({ beyondHundredth }) => share(beyondHundredth) },
            {
              title: '0.1 %',
              isNumber: true,
              cell: ({ beyondThousandth }) => share(beyondThousandth),
            },
            {
              title: 'Verdict',
              shortTitle: '',
              cell: ({ isLost }) => (
                <Chip word={isLost ? 'lost' : 'kept'} tone={isLost ? 'bad' : 'good'} />
              ),
            },
          ]}
        />
      )}
    </Panel>
  );
}

function share(value: number): string {
  return `${Number((100 * value).toPrecision(2))} %`;
}
