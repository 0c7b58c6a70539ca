import type { AccuracyFigures, ForecastAccuracy } from '../../../api/accuracy-schemas.js';
import { count, decimal, percent, span } from '../../format.js';
import { useResource } from '../../resource.js';
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
      <p class="hint">
        Error: sum of misses ÷ calls (WAPE). Against last week: below 1 is better than taking the
        same interval of the week before (MASE). Bands are honest when about 80 and 95 % of
        intervals fall into them. {driftWords(accuracy)}
      </p>
    </>
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
