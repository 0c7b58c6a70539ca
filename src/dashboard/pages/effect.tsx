import { useState } from 'preact/hooks';
import type { EffectReport, EffectStatement } from '../../domain/effect.js';
import { networkNow } from '../clock.js';
import { ComplaintsPanel } from '../parts/effect/complaints.js';
import { DesignsPanel } from '../parts/effect/designs.js';
import { MeasuredPanel } from '../parts/effect/measured.js';
import { StatementPanel } from '../parts/effect/statement.js';
import { Failure, Loading } from '../parts/words.js';
import { useResource } from '../resource.js';

/** What telling people changes, how sure that is, what it is worth, and whether people mind. */
export function EffectPage() {
  const [month, setMonth] = useState(() => new Date(networkNow()).toISOString().slice(0, 7));
  const report = useResource<EffectReport>('/api/v1/effect', ['messages', 'settings']);
  const statement = useResource<EffectStatement>(`/api/v1/effect/statement?month=${month}`, []);
  return (
    <article>
      <div class="list-head">
        <h1>Effect</h1>
      </div>
      {report.error && <Failure error={report.error} retry={report.reload} />}
      {!report.data && !report.error && <Loading what="what is measured" />}
      {statement.error && <Failure error={statement.error} retry={statement.reload} />}
      <div class="panels">
        {report.data && <DesignsPanel report={report.data} />}
        {statement.data && (
          <StatementPanel statement={statement.data} month={month} onMonth={setMonth} />
        )}
        {report.data && <ComplaintsPanel complaints={report.data.complaints} />}
        {report.data && <MeasuredPanel incidents={report.data.incidents} />}
      </div>
    </article>
  );
}
