import type { StatementReport } from '../../../api/statement-report.js';
import { count, decimal, percent, plural } from '../../format.js';
import { Empty, Panel } from '../words.js';
import { Interval } from './interval.js';

const STATED: Readonly<Record<StatementReport['byCertainty'][number]['stated'], string>> = {
  yes: 'Yes, affected',
  probably: 'Probably affected',
  no: 'Not affected',
};

/** How often callers agree with what agents were told of them. */
export function StatementsPanel({ statements }: { statements: StatementReport }) {
  const { answers, brier, byCertainty, bins } = statements;
  return (
    <Panel title="What is said of callers" note="against what they told agents" wide>
      {answers === 0 ? (
        <Empty title="No agent has passed an answer on yet">
          <p>
            “Not affected”, “still down” and “text me when it is back” on the look-up page fill
            this.
          </p>
        </Empty>
      ) : (
        <>
          <p class="hint">
            From {plural(answers, 'answer')}, those about another problem left out. It speaks for
            those who call: more of them are affected than of all. Brier score{' '}
            {brier === null ? 'not known' : decimal(brier)}; 0 is perfect.
          </p>
          <div class="table">
            <table class="stack">
              <thead>
                <tr>
                  <th scope="col">Stated</th>
                  <th scope="col" class="number">
                    Answers
                  </th>
                  <th scope="col" class="number">
                    Agree
                  </th>
                  <th scope="col">Share with its 95 % interval</th>
                </tr>
              </thead>
              <tbody>
                {byCertainty.map(({ stated, answers: of, agree, share, low, high }) => (
                  <tr key={stated}>
                    <th scope="row">{STATED[stated]}</th>
                    <td class="number" data-name="Answers">
                      {count(of)}
                    </td>
                    <td class="number" data-name="Agree">
                      {share === null ? 'none' : `${count(agree)} (${percent(share)})`}
                    </td>
                    <td data-name="95 %">
                      {of > 0 && (
                        <Interval value={share} low={low} high={high} most={1} write={percent} />
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <Bins bins={bins.filter((bin) => bin.count > 0)} />
        </>
      )}
    </Panel>
  );
}

/** Stated probabilities against how many were affected by their own word. */
function Bins({ bins }: { bins: StatementReport['bins'] }) {
  return (
    <div class="table">
      <table class="stack">
        <thead>
          <tr>
            <th scope="col">Stated probability</th>
            <th scope="col" class="number">
              Callers
            </th>
            <th scope="col" class="number">
              Stated on average
            </th>
            <th scope="col" class="number">
              Affected
            </th>
            <th scope="col">95 % interval; the mark is what was stated</th>
          </tr>
        </thead>
        <tbody>
          {bins.map(({ from, to, count: callers, meanStated, shareTrue, low, high }) => (
            <tr key={from}>
              <th scope="row">
                {percent(from)} to {percent(to)}
              </th>
              <td class="number" data-name="Callers">
                {count(callers)}
              </td>
              <td class="number" data-name="Stated on average">
                {meanStated === null ? '' : percent(meanStated)}
              </td>
              <td class="number" data-name="Affected">
                {shareTrue === null ? '' : percent(shareTrue)}
              </td>
              <td data-name="95 %">
                <Interval
                  value={shareTrue}
                  low={low}
                  high={high}
                  most={1}
                  write={percent}
                  {...(meanStated === null ? {} : { set: meanStated })}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
