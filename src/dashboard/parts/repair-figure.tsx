import type { IncidentDetail } from '../../api/schemas.js';
import { plural } from '../format.js';
import { When } from './words.js';

type Expected = Pick<IncidentDetail, 'estimatedRepairAt' | 'repair' | 'repairOverrun' | 'endedAt'>;
interface Speaker {
  readonly source: string;
  readonly saidBy?: string | undefined;
  readonly ticketId?: string | undefined;
}

/** When service is expected back, how sure that is, who says so and since when. */
export function RepairFigure({ incident }: { incident: Expected }) {
  const { estimatedRepairAt: at, repair, repairOverrun: overrun, endedAt } = incident;
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
        {overrun !== undefined && endedAt === null && (
          <span class="overrun">
            announced for <When at={overrun.at} only="clock" /> ({speaker(overrun)}), overrun
          </span>
        )}
      </dd>
    </div>
  );
}

/** A ticket by its number, and the person or team; the source alone where neither is known. */
function speaker({ source, saidBy, ticketId }: Speaker): string {
  const ticket = ticketId === undefined ? [] : [`ticket ${ticketId}`];
  const said = [...ticket, ...(saidBy === undefined ? [] : [saidBy])];
  return said.length === 0 ? source : said.join(', ');
}

function Ground({ repair, at }: { repair: IncidentDetail['repair']; at: string }) {
  if (repair === undefined || repair.source === 'rule') return <When at={at} only="relative" />;
  if (repair.low === null || repair.high === null) {
    return (
      <>
        {speaker(repair)}, said <When at={repair.asOf} only="relative" />
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
