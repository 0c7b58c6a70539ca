import type { StatementReport } from '../../../api/statement-report.js';
import { count, decimal, percent, plural } from '../../format.js';
import { Table } from '../table.js';
import { Empty, Panel } from '../words.js';
import { BinsTable } from './bins.js';
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
          <Table
            rows={byCertainty}
            keyOf={({ stated }) => stated}
            isStacked
            columns={[
              { title: 'Stated', cell: ({ stated }) => STATED[stated] },
              { title: 'Answers', isNumber: true, cell: (row) => count(row.answers) },
              {
                title: 'Agree',
                isNumber: true,
                cell: ({ agree, share }) =>
                  share === null ? 'none' : `${count(agree)} (${percent(share)})`,
              },
              {
                title: 'Share with its 95 % interval',
                shortTitle: '95 %',
                cell: ({ answers: of, share, low, high }) =>
                  of > 0 && (
                    <Interval value={share} low={low} high={high} most={1} write={percent} />
                  ),
              },
            ]}
          />
          <BinsTable bins={bins} counted="Callers" held="Affected" />
        </>
      )}
    </Panel>
  );
}
