import type { QualityReport } from '../../../api/quality-report.js';
import { decimal, plural } from '../../format.js';
import { Empty, Panel } from '../words.js';
import { BinsTable } from './bins.js';

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
          <BinsTable bins={told} counted="Candidates" held="True" />
        </>
      )}
    </Panel>
  );
}
