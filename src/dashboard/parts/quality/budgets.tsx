import { useState } from 'preact/hooks';
import type { LaneModel } from '../../../api/act-schemas.js';
import type { QualityReport } from '../../../api/quality-report.js';
import { type Me, mayAdminister } from '../../api.js';
import { count, decimal, plural } from '../../format.js';
import { Panel, When } from '../words.js';
import { CorrectDialog } from './correct-dialog.js';
import { Interval } from './interval.js';

interface Props {
  readonly report: QualityReport;
  readonly models: readonly LaneModel[];
  readonly me: Me;
}

/** Both budgets for being wrong: what was achieved beside what was set. */
export function Budgets({ report, models, me }: Props) {
  return (
    <>
      <FalseIncidents report={report} models={models} me={me} />
      <WrongWaves waves={report.wrongWavesPerYear} />
    </>
  );
}

function Achieved(props: {
  value: number | null;
  set: number;
  low: number | null;
  high: number | null;
}) {
  const { value, set, low, high } = props;
  return (
    <div class="achieved">
      <p>
        achieved <strong>{value === null ? 'not known yet' : decimal(value)}</strong>, set{' '}
        <strong>{decimal(set)}</strong>
      </p>
      {low !== null && high !== null && (
        <Interval value={value} low={low} high={high} set={set} most={1.2 * Math.max(high, set)} />
      )}
    </div>
  );
}

function FalseIncidents({ report, models, me }: Props) {
  const { incidents, cells, since, falseIncidentsPer1000CellsPerMonth: rate } = report;
  const [isAsking, setAsking] = useState(false);
  return (
    <Panel title="False incidents" note="per 1,000 cells and month">
      <Achieved value={rate.achieved} set={rate.set} low={rate.low} high={rate.high} />
      <p class="hint">
        {count(incidents.markedFalse)} of {plural(incidents.opened, 'incident')} marked “not an
        incident” since <When at={since} only="relative" />, {count(cells)} cells watched. What
        nobody marked counts as right. The mark across the line is what is set.
      </p>
      {incidents.advice && <p class="advice">{incidents.advice}</p>}
      <p>{correctionWords(rate)}</p>
      {rate.lastCorrection && (
        <p class="hint">
          Last corrected <When at={rate.lastCorrection.at} /> by {rate.lastCorrection.by} to{' '}
          {decimal(rate.lastCorrection.factor)} for {rate.lastCorrection.feed ?? 'all feeds'}: “
          {rate.lastCorrection.why}”. What was achieved still counts the time before.
        </p>
      )}
      {mayAdminister(me) ? (
        <p>
          <button type="button" onClick={() => setAsking(true)}>
            Correct thresholds
          </button>
        </p>
      ) : (
        <p class="hint">Correcting thresholds needs the role admin.</p>
      )}
      {isAsking && <CorrectDialog rate={rate} models={models} onClose={() => setAsking(false)} />}
    </Panel>
  );
}

/** What the achieved rate says about thresholds. */
export function correctionWords(rate: QualityReport['falseIncidentsPer1000CellsPerMonth']): string {
  const { achieved, set, correction } = rate;
  if (achieved === null || correction === null)
    return 'Nothing was marked false: there is nothing to correct thresholds by.';
  const times = decimal(Math.min(100, Math.max(0.01, correction.times)));
  const words = `Achieved ${decimal(achieved)}, set ${decimal(set)}: correct thresholds by ${times}.`;
  return correction.isSure
    ? `${words} Chance alone does not explain the difference.`
    : `${words} The set rate lies within the interval, so waiting for more marks is as good.`;
}

function WrongWaves({ waves }: { waves: QualityReport['wrongWavesPerYear'] }) {
  return (
    <Panel title="Wrong waves of messages" note="in the last 365 days">
      <Achieved value={waves.achieved} set={waves.set} low={waves.low} high={waves.high} />
      <p class="hint">
        {plural(waves.sent, 'wave')} left. Their doubts add up to {decimal(waves.expected)}: so many
        are expected to be wrong. Once the year’s doubts reach what is set, a person decides on each
        further wave. Set as wrongWavesPerYear in rules/notification.yaml.
      </p>
    </Panel>
  );
}
