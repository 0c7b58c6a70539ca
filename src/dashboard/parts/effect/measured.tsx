import type { EffectReport } from '../../../domain/effect.js';
import { count, exact } from '../../format.js';
import { Link } from '../../router.js';
import { Empty, Panel } from '../words.js';
import { countsOf, DESIGN_NAMES, sharesOf } from './figure.js';

/** Incidents one by one, newest first. */
export function MeasuredPanel({ incidents }: Pick<EffectReport, 'incidents'>) {
  return (
    <Panel title="Incidents" note="newest first" wide>
      {incidents.length === 0 ? (
        <Empty title="No incident has been measured yet" />
      ) : (
        <div class="table">
          <table class="stack">
            <thead>
              <tr>
                <th scope="col">Incident</th>
                <th scope="col">Ended</th>
                <th scope="col">By</th>
                <th scope="col" class="number">
                  Told
                </th>
                <th scope="col">Fewer calls</th>
                <th scope="col">Calls prevented</th>
              </tr>
            </thead>
            <tbody>
              {incidents.map((row) => (
                <Row key={row.incidentId} row={row} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function Row({ row }: { row: EffectReport['incidents'][number] }) {
  const { incidentId, endedAt, estimate } = row;
  return (
    <tr>
      <th scope="row">
        <Link href={`/incidents/${encodeURIComponent(incidentId)}`}>{incidentId}</Link>
      </th>
      <td data-name="Ended">{exact(Date.parse(endedAt))}</td>
      <td data-name="By">{DESIGN_NAMES[estimate.design]}</td>
      <td class="number" data-name="Told">
        {count(estimate.told)}
      </td>
      {estimate.reduction && estimate.prevented ? (
        <>
          <td data-name="Fewer calls">{sharesOf(estimate.reduction)}</td>
          <td data-name="Calls prevented">{countsOf(estimate.prevented)}</td>
        </>
      ) : (
        <td colSpan={2}>
          <span class="hint">{estimate.reason}</span>
        </td>
      )}
    </tr>
  );
}
