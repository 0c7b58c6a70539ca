/** PostgreSQL writes a time as JSON without the Z of our contracts: this has it. */
export function iso(column: string): string {
  return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
