import type { Precision } from '../../../api/quality-report.js';
import { count, percent } from '../../format.js';
import { Empty, Panel } from '../words.js';
import { Interval } from './interval.js';

interface Props {
  readonly title: string;
  readonly note: string;
  readonly rows: readonly Precision[];
  readonly nameOf: (name: string) => string;
}

/** Precision by name with its interval, and which rule to change where it is surely poor. */
export function PrecisionPanel({ title, note, rows, nameOf }: Props) {
  return (
    <Panel title={title} note={note} wide>
      {rows.length === 0 ? (
        <Empty title="No incident has opened yet" />
      ) : (
        <div class="table">
          <table class="stack">
            <thead>
              <tr>
                <th scope="col">Of</th>
                <th scope="col" class="number">
                  Opened
                </th>
                <th scope="col" class="number">
                  Marked false
                </th>
                <th scope="col" class="number">
                  Precision
                </th>
                <th scope="col">95 % interval</th>
                <th scope="col">Advice</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row key={row.name} row={row} name={nameOf(row.name)} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function Row({ row, name }: { row: Precision; name: string }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td class="number" data-name="Opened">
        {count(row.opened)}
      </td>
      <td class="number" data-name="Marked false">
        {count(row.markedFalse)}
      </td>
      <td class="number" data-name="Precision">
        {row.precision === null ? 'none' : percent(row.precision)}
      </td>
      <td data-name="95 %">
        <Interval value={row.precision} low={row.low} high={row.high} most={1} write={percent} />
      </td>
      <td>{row.advice ?? <span class="hint">{withoutAdvice(row)}</span>}</td>
    </tr>
  );
}

/** Why nothing is advised. */
function withoutAdvice({ markedFalse }: Precision): string {
  return markedFalse > 0 ? 'not surely poor yet' : 'nothing to change';
}
