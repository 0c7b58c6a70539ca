import type { IncidentDetail } from '../../api/schemas.js';
import { plural } from '../format.js';
import { When } from './words.js';

type Expected = Pick<IncidentDetail, 'estimatedRepairAt' | 'repair'>;

/** When service is expected back, how sure that is and who says so. */
export function RepairFigure({ incident }: { incident: Expected }) {
  const { estimatedRepairAt: at, repair } = incident;
  return (
    <div class="figure">
      <dt>Expected repair</dt>
      <dd>
        <strong>{at === null ? 'not known' : <When at={at} only="clock" />}</strong>
        {at !== null && (
          <span>
            <Ground repair={repair} at={at} />
          </span>
        )}
      </dd>
    </div>
  );
}

function Ground({ repair, at }: { repair: IncidentDetail['repair']; at: string }) {
  if (repair === undefined || repair.source === 'rule') return <When at={at} only="relative" />;
  if (repair.low === null || repair.high === null) {
    return (
      <>
        {repair.source === 'ticket' ? 'ticket' : 'operator'},{' '}
        <When at={repair.asOf} only="relative" />
      </>
    );
  }
  return (
    <>
      <When at={repair.low} only="clock" /> to <When at={repair.high} only="clock" />, from{' '}
      {plural(repair.basedOn, 'past incident')}
    </>
  );
}
