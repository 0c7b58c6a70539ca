import type { Precision } from '../../../api/quality-report.js';
import { count, percent } from '../../format.js';
import { type Column, Table } from '../table.js';
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
        <Table rows={rows} columns={columnsOf(nameOf)} keyOf={({ name }) => name} isStacked />
      )}
    </Panel>
  );
}

function columnsOf(nameOf: Props['nameOf']): [Column<Precision>, ...Column<Precision>[]] {
  return [
    { title: 'Of', cell: ({ name }) => nameOf(name) },
    { title: 'Opened', isNumber: true, cell: ({ opened }) => count(opened) },
    { title: 'Marked false', isNumber: true, cell: ({ markedFalse }) => count(markedFalse) },
    {
      title: 'Precision',
      isNumber: true,
      cell: ({ precision }) => (precision === null ? 'none' : percent(precision)),
    },
    {
      title: '95 % interval',
      shortTitle: '95 %',
      cell: ({ precision, low, high }) => (
        <Interval value={precision} low={low} high={high} most={1} write={percent} />
      ),
    },
    {
      title: 'Advice',
      shortTitle: '',
      cell: (row) => row.advice ?? <span class="hint">{withoutAdvice(row)}</span>,
    },
  ];
}

/** Why nothing is advised. */
function withoutAdvice({ markedFalse }: Precision): string {
  return markedFalse > 0 ? 'not surely poor yet' : 'nothing to change';
}
