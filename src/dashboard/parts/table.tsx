import type { ComponentChildren } from 'preact';

/** One column: its heading, and what it says of a row. */
export interface Column<Row> {
  readonly title: string;
  readonly isNumber?: boolean;
  /** left out where the page is narrow */
  readonly isExtra?: boolean;
  /** beside the value where rows are stacked; default the title, '' for nothing */
  readonly shortTitle?: string;
  readonly cell: (row: Row, index: number) => ComponentChildren;
  /** a class of its own for some values */
  readonly look?: (row: Row) => string;
}

interface Props<Row> {
  readonly rows: readonly Row[];
  /** the first one names the row */
  readonly columns: readonly [Column<Row>, ...Column<Row>[]];
  readonly keyOf: (row: Row) => string;
  /** on a narrow page each row becomes a list of its values */
  readonly isStacked?: boolean;
  /** long ones scroll in a box of their own */
  readonly isScrolled?: boolean;
}

/** A table of rows that all say the same things. */
export function Table<Row>({ rows, columns, keyOf, isStacked, isScrolled }: Props<Row>) {
  const [first, ...others] = columns;
  return (
    <div class={isScrolled ? 'table scroll' : 'table'}>
      <table class={isStacked ? 'stack' : ''}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" class={classOf(column)}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={keyOf(row)}>
              <th scope="row">{first.cell(row, index)}</th>
              {others.map((column) => (
                <td
                  key={column.title}
                  class={`${classOf(column)} ${column.look?.(row) ?? ''}`}
                  {...nameOf(column)}
                >
                  {column.cell(row, index)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function classOf<Row>({ isNumber, isExtra }: Column<Row>): string {
  return `${isNumber ? 'number' : ''} ${isExtra ? 'narrow-hidden' : ''}`.trim();
}

function nameOf<Row>({ title, shortTitle = title }: Column<Row>): { 'data-name'?: string } {
  return shortTitle === '' ? {} : { 'data-name': shortTitle };
}
