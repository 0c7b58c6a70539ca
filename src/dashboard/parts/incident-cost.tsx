import type { IncidentDetail } from '../../api/schemas.js';
import type { IncidentCost, Projected } from '../../domain/cost.js';
import { count, decimal, plural, words } from '../format.js';
import { Duties, type DutyProps } from './duties.js';
import { Empty, Panel, When } from './words.js';

type Impact = NonNullable<IncidentDetail['impact']>;

/** From so much on a part is there to put incidents first, not to be read as user-minutes. */
const FIRST_FROM = 1e12;

/** What the incident costs, how near duties to report are, and why it is ranked as it is. */
export function CostPanel(props: DutyProps) {
  const { incident } = props;
  const { impact, endedAt } = incident;
  return (
    <Panel
      title="What it costs"
      note={impact?.isEstimate ? 'an estimate, people are being listed' : ''}
      wide
    >
      {impact?.cost === undefined ? (
        <Empty title="Not reckoned yet">
          <p>Cost is reckoned with the people affected, as soon as the incident is open.</p>
        </Empty>
      ) : (
        <div class="cost">
          <Emergency cost={impact.cost} isOver={endedAt !== null} />
          <div>
            <Costs cost={impact.cost} />
          </div>
          {impact.clocks !== undefined && impact.clocks.length > 0 && (
            <div>
              <Duties {...props} clocks={impact.clocks} />
            </div>
          )}
        </div>
      )}
      {impact && <Ranking impact={impact} />}
    </Panel>
  );
}

function Emergency({ cost, isOver }: { cost: IncidentCost; isOver: boolean }) {
  const { isLost, people, services, mostPeople, mostServices } = cost.emergency;
  if (!isLost) return null;
  const [who, lines] = isOver ? [mostPeople, mostServices] : [people, services];
  return (
    <p class="state-bad cost-emergency">
      <strong>Emergency calling {isOver ? 'was' : 'is'} lost.</strong> About {count(Math.ceil(who))}{' '}
      {isOver ? 'could' : 'can'} call nobody on this network
      {lines > 0 && `; emergency services without service: ${plural(lines, 'line')}`}.
    </p>
  );
}

function Costs({ cost }: { cost: IncidentCost }) {
  const { currency, until, basis } = cost;
  const money = (value: number): string => `${amount(value)} ${currency}`;
  return (
    <>
      <div class="table">
        <table>
          <thead>
            <tr>
              <th scope="col">
                <span class="hidden">What</span>
              </th>
              <th scope="col" class="number">
                So far
              </th>
              {until !== null && (
                <th scope="col" class="number">
                  To come
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            <CostRow
              name="User-minutes"
              cost={cost.userMinutes}
              show={count}
              isOver={until === null}
            />
            {cost.segments.map((each) => (
              <CostRow
                key={each.segment}
                name={words(each.segment)}
                cost={each.userMinutes}
                show={count}
                isOver={until === null}
                isPart
              />
            ))}
            <CostRow
              name="Value of service"
              cost={cost.value}
              show={money}
              isOver={until === null}
            />
            <CostRow name="Credits due" cost={cost.credits} show={money} isOver={until === null} />
            <CostRow
              name="Customers who may leave"
              cost={cost.churn}
              show={amount}
              isOver={until === null}
            />
          </tbody>
        </table>
      </div>
      {until !== null && (
        <p class="hint">
          To come until <When at={until} only="clock" />
          {basis === 'repair' ? ', the estimated repair' : ', since no repair is estimated'}
          {cost.userMinutes.low !== null && ' (in brackets for the early and the late end of it)'},
          at the present rate of {count(cost.lossPerMinute)} user-minutes a minute.
        </p>
      )}
    </>
  );
}

interface RowProps {
  readonly name: string;
  readonly cost: Projected;
  readonly show: (value: number) => string;
  readonly isOver: boolean;
  readonly isPart?: boolean;
}

function CostRow({ name, cost, show, isOver, isPart }: RowProps) {
  const { soFar, toCome, low, high } = cost;
  return (
    <tr class={isPart ? 'cost-part' : ''}>
      <th scope="row">{name}</th>
      <td class="number">{show(soFar)}</td>
      {!isOver && (
        <td class="number">
          {show(toCome)}
          {low !== null && high !== null && (
            <small class="cost-band">
              ({show(low)} to {show(high)})
            </small>
          )}
        </td>
      )}
    </tr>
  );
}

/** Whole numbers, small ones with their first digits. */
function amount(value: number): string {
  return value >= 100 || value === 0 ? count(value) : decimal(value);
}

function Ranking({ impact }: { impact: Impact }) {
  const parts = Object.entries(impact.rankParts).filter(([, value]) => value > 0);
  const first = parts.filter(([, value]) => value >= FIRST_FROM);
  const rest = parts.filter(([, value]) => value < FIRST_FROM);
  const score = rest.reduce((sum, [, value]) => sum + value, 0);
  return (
    <details>
      <summary>
        How it is ranked ({first.length > 0 && 'first of all, then '}
        {count(score)})
      </summary>
      <ul class="plain-list">
        {first.map(([part]) => (
          <li key={part}>{words(part)}: before all without it</li>
        ))}
        {rest.map(([part, value]) => (
          <li key={part}>
            {words(part)}: {count(value)}
          </li>
        ))}
      </ul>
      <p class="hint">In weighted user-minutes; the weights are those of rules/impact.yaml.</p>
    </details>
  );
}
