/** People on the roster of a queue from `startMs` on for `intervalSeconds`. */
export interface RosterInterval {
  readonly queue: string;
  /** epoch ms */
  readonly startMs: number;
  readonly intervalSeconds: number;
  readonly agents: number;
}

/** People on the roster at a moment; null where it says nothing. Of rows that overlap the latest start counts. */
export function rosterAt(
  roster: readonly RosterInterval[],
  queue: string,
  atMs: number,
): number | null {
  let found: RosterInterval | undefined;
  for (const each of roster) {
    const isOver = atMs >= each.startMs + each.intervalSeconds * 1000;
    if (each.queue !== queue || each.startMs > atMs || isOver) continue;
    if (!found || each.startMs > found.startMs) found = each;
  }
  return found?.agents ?? null;
}
