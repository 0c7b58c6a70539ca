import { useState } from 'preact/hooks';
import type { DryRun } from '../../domain/dry-run.js';
import { ApiError, getJson } from '../api.js';
import { count, plural, words } from '../format.js';
import { Failure, Loading, When } from './words.js';

type State =
  | { readonly is: 'asking' }
  | { readonly is: 'failed'; readonly error: ApiError }
  | { readonly is: 'there'; readonly run: DryRun };

/** Tries out who would be told what; asked for, since it looks at everybody affected. */
export function DryRunView({ path }: { path: string }) {
  const [state, setState] = useState<State>();
  const ask = () => {
    setState({ is: 'asking' });
    getJson<DryRun>(path).then(
      (run) => setState({ is: 'there', run }),
      (error: unknown) =>
        setState({
          is: 'failed',
          error: error instanceof ApiError ? error : new ApiError(0, String(error)),
        }),
    );
  };
  return (
    <div class="dry-run">
      <button type="button" onClick={ask} disabled={state?.is === 'asking'}>
        {state?.is === 'there' ? 'Try it out again' : 'Who would be told?'}
      </button>
      {state?.is === 'asking' && <Loading what="who would be told" />}
      {state?.is === 'failed' && <Failure error={state.error} retry={ask} />}
      {state?.is === 'there' && <Outcome run={state.run} />}
    </div>
  );
}

const STATES: Readonly<Record<DryRun['wave']['state'], string>> = {
  expanding: 'goes by itself',
  expanded: 'is under way',
  awaitingApproval: 'waits for approval',
  held: 'is held',
  cancelled: 'is cancelled',
  shadow: 'is recorded in shadow mode',
  notDue: 'is not due',
};

function Outcome({ run }: { run: DryRun }) {
  const { totals, budget, wave } = run;
  const money = (value: number): string => `${value.toFixed(2)} ${budget.currency}`;
  return (
    <>
      <p>
        <strong>
          {plural(totals.messages, 'message')}, {plural(totals.segments, 'segment')},{' '}
          {money(totals.price)}
        </strong>
        {totals.firstAt !== null && totals.lastAt !== null && (
          <>
            , from <When at={totals.firstAt} only="clock" /> to{' '}
            <When at={totals.lastAt} only="clock" />
          </>
        )}
        .
      </p>
      <p class="hint">
        The wave {STATES[wave.state]}: {wave.reason}. Tried out <When at={run.at} only="clock" />.
        Nothing was sent or written. Supposing that {run.assumes.join(', ')}
        {run.segmentsPerSecond === null && '; no gateway says how fast it sends'}.
      </p>
      {run.messages.length > 0 && <Texts run={run} />}
      <Remainders run={run} />
      <Budget budget={budget} money={money} />
    </>
  );
}

function Texts({ run }: { run: DryRun }) {
  return (
    <div class="table">
      <table class="stack">
        <thead>
          <tr>
            <th scope="col">Who</th>
            <th scope="col">Text</th>
            <th scope="col" class="number">
              People
            </th>
            <th scope="col">Leaves</th>
          </tr>
        </thead>
        <tbody>
          {run.messages.map((each) => (
            <tr key={`${whoOf(each, run.kind)} ${each.text}`}>
              <th scope="row">{whoOf(each, run.kind)}</th>
              <td>
                {each.text}
                <span class="hint">
                  {' '}
                  {each.encoding}, {plural(each.segments, 'segment')}, {each.price.toFixed(3)}{' '}
                  {run.budget.currency}
                  {each.sample !== null && `, such as to ${each.sample}`}
                </span>
              </td>
              <td class="number" data-name="People">
                {count(each.people)}
              </td>
              <td data-name="Leaves">
                <When at={each.firstAt} only="clock" />
                {each.lastAt !== each.firstAt && (
                  <>
                    {' '}
                    to <When at={each.lastAt} only="clock" />
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function whoOf(each: DryRun['messages'][number], kind: DryRun['kind']): string {
  return [
    each.segment,
    each.language,
    each.vulnerable ? 'vulnerable' : '',
    each.audience === 'fleet' ? 'fleet' : '',
    each.service === 'degraded' && kind !== 'works' ? 'service degraded' : '',
    each.reach === 'later' ? 'reads it later' : '',
  ]
    .filter((word) => word !== '')
    .join(', ');
}

function Remainders({ run }: { run: DryRun }) {
  const rows = [
    ...run.suppressed.map((each) => ['not sent', each] as const),
    ...run.waiting.map((each) => ['waits', each] as const),
    ...run.leftOut.map((each) => ['no message', each] as const),
  ];
  return (
    <>
      {run.postponed.length > 0 && (
        <p>
          Quiet hours:{' '}
          {run.postponed.map(({ until, people }, n) => (
            <span key={until}>
              {n > 0 && ', '}
              {plural(people, 'person', 'people')} until <When at={until} only="clock" />
            </span>
          ))}
          . What is then said of them stands above and below.
        </p>
      )}
      {rows.length > 0 && (
        <ul class="plain-list">
          {rows.map(([what, { reason, people }]) => (
            <li key={`${what} ${reason}`}>
              {count(people)} {what}: {words(reason)}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Budget({ budget, money }: { budget: DryRun['budget']; money: (value: number) => string }) {
  const { perIncident, perMonth } = budget;
  const left = ({ left: rest }: DryRun['budget']['perMonth']): string =>
    rest === null ? 'no limit' : `${money(rest)} left`;
  return (
    <p class="hint">
      Budget after it: of the incident {left(perIncident)}, of the month {left(perMonth)}.
    </p>
  );
}
