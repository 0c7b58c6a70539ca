/** A cell of a table: text is set left, numbers right, null is a dash. */
export type TableCell = string | number | null;

/** Lines of a table with its head. */
export function tableLines(
  head: readonly string[],
  rows: readonly (readonly TableCell[])[],
): string[] {
  const texts = rows.map((row) => row.map((cell) => (cell === null ? '-' : String(cell))));
  const widths = head.map((name, at) =>
    Math.max(name.length, ...texts.map((row) => row[at]?.length ?? 0)),
  );
  const isText = head.map((_, at) => rows.some((row) => typeof row[at] === 'string'));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) =>
        isText[at] ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [line(head), ...texts.map(line)];
}

/** A share of 1 for people, null stays null. */
export function asShare(value: number | null): string | null {
  return value === null ? null : value.toFixed(3);
}
