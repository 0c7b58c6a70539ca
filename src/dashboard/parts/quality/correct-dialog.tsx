import { useState } from 'preact/hooks';
import type { LaneModel } from '../../../api/act-schemas.js';
import type { QualityReport } from '../../../api/quality-report.js';
import { send } from '../../api.js';
import { decimal } from '../../format.js';
import { ReasonDialog } from '../reason-dialog.js';

const LEAST = 0.01;
const MOST = 100;

interface Props {
  readonly rate: QualityReport['falseIncidentsPer1000CellsPerMonth'];
  readonly models: readonly LaneModel[];
  readonly onClose: () => void;
}

/** The factor that should lead to the set rate, from the one in use; within what is allowed. */
export function suggestedFactor(inUse: number, times: number | undefined): number {
  const wanted = inUse * (times ?? 1);
  return Number(Math.min(MOST, Math.max(LEAST, wanted)).toPrecision(3));
}

/** What a factor does, in words. */
function effect(factor: number, inUse: number): string {
  const against = `now ${decimal(inUse)}; 1 is as the rules have it`;
  if (!(factor >= LEAST && factor <= MOST)) return `From ${LEAST} to ${MOST} (${against}).`;
  if (factor === inUse) return `As it is (${against}).`;
  const [less, more] = [
    'raised thresholds: fewer false incidents, and real ones found later',
    'lowered thresholds: more is found and earlier, with more false incidents',
  ];
  return `${factor < inUse ? less : more} (${against}).`.replace(/^./, (first) =>
    first.toUpperCase(),
  );
}

/** Asks for the factor by which the share that may be raised by chance is corrected. */
export function CorrectDialog({ rate, models, onClose }: Props) {
  const feeds = [...new Set(models.map(({ feed }) => feed))].sort();
  const [feed, setFeed] = useState('');
  const inUse = models.find((each) => feed === '' || each.feed === feed)?.rateFactor ?? 1;
  const [given, setGiven] = useState(String(suggestedFactor(inUse, rate.correction?.times)));
  const factor = Number(given);
  return (
    <ReasonDialog
      title="Correct thresholds?"
      text="The factor multiplies the share of periods that detection may raise by chance, which follows from falseIncidentsPer1000CellsPerMonth in rules/detection.yaml: thresholds follow from it. It takes effect with the next period and replaces the correction before; 1 undoes it."
      confirm="Correct"
      isReady={factor >= LEAST && factor <= MOST}
      onSubmit={(why) =>
        send('POST', '/api/v1/models/correct-rate', {
          factor,
          why,
          ...(feed === '' ? {} : { feed }),
        })
      }
      onClose={onClose}
    >
      <label>
        Feed
        <select value={feed} onChange={(event) => setFeed(event.currentTarget.value)}>
          <option value="">all feeds</option>
          {feeds.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        Factor <small>{effect(factor, inUse)}</small>
        <input
          type="number"
          step="any"
          min={LEAST}
          max={MOST}
          required
          value={given}
          onInput={(event) => setGiven(event.currentTarget.value)}
        />
      </label>
    </ReasonDialog>
  );
}
