import type { QualityReport } from '../../../api/quality-report.js';
import { count, decimal, percent, plural } from '../../format.js';
import { Empty, Panel } from '../words.js';
import { Interval } from './interval.js';

/** Whether causes are as probable as was stated, from what operators said they were. */
export function ReliabilityPanel({ reliability }: Pick<QualityReport, 'reliability'>) {
  const { incidents, brier, bins } = reliability;
  const told = bins.filter((bin) => bin.count > 0);
  return (
    <Panel title="Stated probabilities of causes" note="against what people said" wide>
      {told.length === 0 ? (
        <Empty title="Nobody has set a cause yet">
          <p>“Set cause” on an incident’s page, also to confirm the first candidate, fills this.</p>
        </Empty>
      ) : (
        <>
          <p class="hint">
            From {plural(incidents, 'incident')} whose cause a person set, or that was none: who
            only corrects what is wrong makes this look worse than it is. Brier score{' '}
            {brier === null ? 'not known' : decimal(brier)}; 0 is perfect.
          </p>
          <div class="table">
            <table class="stack">
              <thead>
                <tr>
                  <th scope="col">Stated</th>
                  <th scope="col" class="number">
                    Candidates
                  </th>
                  <th scope="col" class="number">
                    Stated on average
                  </th>
                  <th scope="col" class="number">
                    True
                  </th>
                  <th scope="col">95 % interval; the mark is what was stated</th>
                </tr>
              </thead>
              <tbody>
                {told.map((bin) => (
                  <BinRow key={bin.from} bin={bin} />
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </Panel>
  );
}

function BinRow({ bin }: { bin: QualityReport['reliability']['bins'][number] }) {
  const { from, to, meanStated, shareTrue, low, high } = bin;
  return (
    <tr>
      <th scope="row">
        {percent(from)} to {percent(to)}
      </th>
      <td class="number" data-name="Candidates">
        {count(bin.count)}
      </td>
      <td class="number" data-name="Stated on average">
        {meanStated === null ? '' : percent(meanStated)}
      </td>
      <td class="number" data-name="True">
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
  );
}
