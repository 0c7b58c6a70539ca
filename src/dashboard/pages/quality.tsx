import { useState } from 'preact/hooks';
import type { LaneModel } from '../../api/act-schemas.js';
import type { QualityReport } from '../../api/quality-report.js';
import type { Me } from '../api.js';
import { causeName, kpiName } from '../format.js';
import { Budgets } from '../parts/quality/budgets.js';
import { LevelsPanel } from '../parts/quality/levels.js';
import { CalibrationPanel, ModelsPanel } from '../parts/quality/models.js';
import { PrecisionPanel } from '../parts/quality/precision.js';
import { ReliabilityPanel } from '../parts/quality/reliability.js';
import { StatementsPanel } from '../parts/quality/statements.js';
import { Failure, Loading, Tabs } from '../parts/words.js';
import { useResource } from '../resource.js';

const SPANS = [
  ['30 days', 30],
  ['90 days', 90],
  ['A year', 365],
] as const;

/** How right Tocsin has been, why, and what to change. */
export function QualityPage({ me }: { me: Me }) {
  const [days, setDays] = useState<number>(90);
  const report = useResource<QualityReport>(`/api/v1/quality?days=${days}`, ['incident']);
  const models = useResource<LaneModel[]>('/api/v1/models', ['health', 'settings']);
  const lanes = models.data ?? [];
  return (
    <article>
      <div class="list-head">
        <h1>Quality</h1>
        <Tabs label="Over which time" options={SPANS} value={days} onChange={setDays} />
      </div>
      {report.error && <Failure error={report.error} retry={report.reload} />}
      {!report.data && !report.error && <Loading what="the report" />}
      {models.error && <Failure error={models.error} retry={models.reload} />}
      <div class="panels">
        {report.data && <Report report={report.data} models={lanes} me={me} />}
        {models.data && <ModelsPanel models={lanes} onDone={models.reload} />}
        {models.data && <CalibrationPanel models={lanes} />}
        <LevelsPanel me={me} />
      </div>
    </article>
  );
}

function Report(props: { report: QualityReport; models: readonly LaneModel[]; me: Me }) {
  const { report } = props;
  return (
    <>
      <Budgets {...props} />
      <PrecisionPanel
        title="Precision by KPI"
        note="of incidents that it spoke for"
        rows={report.kpis}
        nameOf={(name) => (name === 'silence' ? 'Silence' : kpiName(name))}
      />
      <PrecisionPanel
        title="Precision by cause"
        note="as the incident names it now"
        rows={report.causes}
        nameOf={(kind) => causeName(kind, '')}
      />
      <ReliabilityPanel reliability={report.reliability} />
      <StatementsPanel statements={report.statements} />
    </>
  );
}
