/** What is known of an incident when its time to repair is asked for. Times are epoch ms. */
export interface RepairSubject {
  readonly startedAtMs: number;
  /** when it became known: what ended before could never be seen, so nothing is learnt of earlier */
  readonly knownAtMs: number;
  /** local time less UTC where it is, ms */
  readonly offsetMs: number;
  /** what it is like, by name: `{kind: 'site', cells: '2^2'}`; a name that is absent says nothing */
  readonly traits: Readonly<Record<string, string>>;
}

/** A subject whose end is known to lie in `(endedAfterMs, endedByMs]`; null: it had not ended yet. */
export interface PastRepair extends RepairSubject {
  readonly endedAfterMs: number;
  readonly endedByMs: number | null;
}

/** The past as it was known at `atMs`: later ones left out, later ends not yet seen (censored). */
export function asKnownAt(past: readonly PastRepair[], atMs: number): PastRepair[] {
  return past
    .filter(({ knownAtMs }) => knownAtMs < atMs)
    .map((each) =>
      each.endedByMs !== null && each.endedByMs <= atMs
        ? each
        : { ...each, endedAfterMs: Math.min(each.endedAfterMs, atMs), endedByMs: null },
    );
}

/**
 * A count as a trait: its power of two, so that 3 and 4 are alike and 400 is not 40.
 * @param count at least 0
 */
export function magnitude(count: number): string {
  return count < 1 ? '0' : `2^${Math.ceil(Math.log2(count) - 1e-9)}`;
}
