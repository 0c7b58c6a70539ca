import type { QualityReport } from '../../../api/quality-report.js';
import type { StatementReport } from '../../../api/statement-report.js';
import { count, percent } from '../../format.js';
import { Table } from '../table.js';
import { Interval } from './interval.js';

type Bin = QualityReport['reliability']['bins'][number] | StatementReport['bins'][number];

interface Props {
  readonly bins: readonly Bin[];
  /** what is counted in a bin, and when it counts as true */
  readonly counted: string;
  readonly held: string;
}

const share = (value: number | null): string => (value === null ? '' : percent(value));

/** Stated probabilities, by tenths, against how often what was stated held. */
export function BinsTable({ bins, counted, held }: Props) {
  return (
    <Table
      rows={bins.filter((bin) => bin.count > 0)}
      keyOf={({ from }) => String(from)}
      isStacked
      columns={[
        { title: 'Stated', cell: ({ from, to }) => `${percent(from)} to ${percent(to)}` },
        { title: counted, isNumber: true, cell: (bin) => count(bin.count) },
        {
          title: 'Stated on average',
          isNumber: true,
          cell: ({ meanStated }) => share(meanStated),
        },
        { title: held, isNumber: true, cell: ({ shareTrue }) => share(shareTrue) },
        {
          title: '95 % interval; the mark is what was stated',
          shortTitle: '95 %',
          cell: ({ meanStated, shareTrue, low, high }) => (
            <Interval
              value={shareTrue}
              low={low}
              high={high}
              most={1}
              write={percent}
              {...(meanStated === null ? {} : { set: meanStated })}
            />
          ),
        },
      ]}
    />
  );
}
