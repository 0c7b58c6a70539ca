import type { AccuracyFigures, ForecastAccuracy } from '../../../api/accuracy-schemas.js';
import { count, decimal, percent, span } from '../../format.js';
import { useResource } from '../../resource.js';
import { type Column, Table } from '../table.js';
import { Empty, Failure, Loading, Panel } from '../words.js';

const DAYS = 28;

/** How the forecasts of a queue turned out, by how long before they were made. */
export function AccuracyPanel({ queue }: { queue: string }) {
  const path = `/api/v1/forecast/accuracy?queue=${encodeURIComponent(queue)}&days=${DAYS}`;
  const accuracy = useResource<ForecastAccuracy>(path);
  const { data } = accuracy;
  return (
    <Panel title="How right forecasts were" note={`what came in the last ${DAYS} days`}>
      {accuracy.error && <Failure error={accuracy.error} retry={accuracy.reload} />}
      {data === undefined && !accuracy.error && <Loading what="the record" />}
      {data?.leads.length === 0 && (
        <Empty title="Nothing to compare yet">
          <p>Forecasts are compared with the calls that came, ten minutes after each interval.</p>
        </Empty>
      )}
      {data !== undefined && data.leads.length > 0 && <Record accuracy={data} />}
    </Panel>
  );
}

function Record({ accuracy }: { accuracy: ForecastAccuracy }) {
  return (
    <>
      <div class="table">
        <table>
          <thead>
            <tr>
              <th scope="col">Made</th>
              <th scope="col" class="number">
                Intervals
              </th>
              <th scope="col" class="number">
                Error
              </th>
              <th scope="col" class="number narrow-hidden">
                Bias
              </th>
              <th scope="col" class="number narrow-hidden">
                Against last week
              </th>
              <th scope="col" class="number narrow-hidden">
                Pinball loss
              </th>
              <th scope="col" class="number">
                In 80 % band
              </th>
              <th scope="col" class="number narrow-hidden">
                In 95 % band
              </th>
            </tr>
          </thead>
          <tbody>
            {accuracy.leads.flatMap(({ leadSeconds, ordinary, incidents }) => [
              ordinary && <Row key={leadSeconds} lead={leadSeconds} figures={ordinary} />,
              incidents && (
                <Row key={`${leadSeconds} i`} lead={leadSeconds} figures={incidents} isIncident />
              ),
            ])}
          </tbody>
        </table>
      </div>
      <ByArea accuracy={accuracy} />
      <p class="hint">
        Error: sum of misses ÷ calls (WAPE). Against last week: below 1 is better than taking the
        same interval of the week before (MASE). Bands are honest when about 80 and 95 % of
        intervals fall into them. {driftWords(accuracy)}
      </p>
    </>
  );
}

interface AreaRow {
  readonly name: string;
  readonly withArea: AccuracyFigures | null;
  readonly withoutArea: AccuracyFigures | null;
}

const errorWords = (figures: AccuracyFigures | null): string =>
  figures === null || figures.wape === null
    ? '–'
    : `${decimal(figures.wape * 100)} % of ${count(figures.intervals)}`;

const AREA_COLUMNS: [Column<AreaRow>, ...Column<AreaRow>[]] = [
  { title: 'Made', cell: ({ name }) => name },
  { title: 'With area', isNumber: true, cell: ({ withArea }) => errorWords(withArea) },
  { title: 'Without', isNumber: true, cell: ({ withoutArea }) => errorWords(withoutArea) },
];

/** Errors where calls came with the area they were made from, beside those where they did not. */
function ByArea({ accuracy }: { accuracy: ForecastAccuracy }) {
  const rows: AreaRow[] = accuracy.leads.flatMap(({ leadSeconds, withArea, withoutArea }) =>
    (['ordinary', 'incidents'] as const).flatMap((part) => {
      const name = `${span(leadSeconds * 1000)} before${part === 'incidents' ? ', in incidents' : ''}`;
      const row = { name, withArea: withArea[part], withoutArea: withoutArea[part] };
      return row.withArea === null && row.withoutArea === null ? [] : [row];
    }),
  );
  if (rows.every(({ withArea }) => withArea === null)) {
    return (
      <p class="hint">
        Calls come without an area here, which is enough. Where the ACD knows it, incidents are told
        apart sooner, and this page shows both errors side by side.
      </p>
    );
  }
  return (
    <details>
      <summary>With and without area: error, and of how many intervals</summary>
      <Table rows={rows} columns={AREA_COLUMNS} keyOf={({ name }) => name} />
    </details>
  );
}

function Row(props: { lead: number; figures: AccuracyFigures; isIncident?: boolean }) {
  const { figures } = props;
  const share = (value: number | null): string => (value === null ? '–' : percent(value));
  return (
    <tr>
      <th scope="row">
        {span(props.lead * 1000)} before{props.isIncident && <small> in incidents</small>}
      </th>
      <td class="number">{count(figures.intervals)}</td>
      <td class="number">{figures.wape === null ? '–' : `${decimal(figures.wape * 100)} %`}</td>
      <td class="number narrow-hidden">{biasWords(figures.bias)}</td>
      <td class="number narrow-hidden">{figures.mase === null ? '–' : decimal(figures.mase)}</td>
      <td class="number narrow-hidden">
        {figures.pinball === null ? '–' : decimal(figures.pinball)}
      </td>
      <td class="number">{share(figures.coverage80)}</td>
      <td class="number narrow-hidden">{share(figures.coverage95)}</td>
    </tr>
  );
}

function biasWords(bias: number | null): string {
  if (bias === null) return '–';
  const size = `${decimal(Math.abs(bias) * 100)} %`;
  return Math.abs(bias) < 0.001 ? 'none' : `${size} too ${bias > 0 ? 'high' : 'low'}`;
}

/** The last week's error beside that of the weeks before: a pattern that changes shows here. */
function driftWords({ byDay }: ForecastAccuracy): string {
  const mean = (days: ForecastAccuracy['byDay']): number | undefined => {
    const known = days.flatMap(({ wape }) => wape ?? []);
    return known.length < 3 ? undefined : known.reduce((sum, each) => sum + each, 0) / known.length;
  };
  const [late, early] = [mean(byDay.slice(-7)), mean(byDay.slice(0, -7))];
  if (late === undefined || early === undefined) return '';
  const words = `${decimal(late * 100)} % an hour ahead in the last 7 days, ${decimal(early * 100)} % before`;
  return late > early * 1.5 ? `The pattern drifts: ${words}.` : `Steady: ${words}.`;
}
