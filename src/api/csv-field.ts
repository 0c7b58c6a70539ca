/**
 * A text as a field of RFC 4180. One that a spreadsheet would take for a formula is preceded by an
 * apostrophe.
 */
export function csvField(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Lines as a file of RFC 4180, the header first. */
export function csvFile(header: string, lines: readonly string[]): string {
  return `${[header, ...lines].join('\r\n')}\r\n`;
}
