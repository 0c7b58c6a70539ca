import type { RepairOutlook } from './episode.js';
import type { StoredRepairs } from './repair/repair-book.js';

/** An incident's state of version 1, as far as it differs. */
interface EpisodeOne {
  readonly createdAtMs: number;
  readonly repairAtMs: number | null;
  readonly isRepairGiven: boolean;
}

const NOTHING_LEARNT: StoredRepairs = {
  past: { traits: [], rows: [] },
  newEnds: 0,
  fittedMs: null,
  model: null,
};

function outlookOf({ createdAtMs, repairAtMs, isRepairGiven }: EpisodeOne): RepairOutlook | null {
  if (repairAtMs === null) return null;
  return {
    source: isRepairGiven ? 'operator' : 'rule',
    atMs: repairAtMs,
    lowMs: null,
    highMs: null,
    asOfMs: createdAtMs,
    basedOn: 0,
    traits: {},
  };
}

/** Brings a state of version 1, in which nothing was learnt of repairs, to version 2. */
export function upgradeFromOne<T extends { readonly episodes: readonly object[] }>(
  stored: T,
): T & { readonly repairs: StoredRepairs } {
  const episodes = (stored.episodes as readonly EpisodeOne[]).map((each) => {
    const { repairAtMs: _at, isRepairGiven: _given, ...rest } = each;
    return { ...rest, repair: outlookOf(each), reviewAtMs: null, firstCells: 0, goingThen: 0 };
  });
  return { ...stored, episodes, repairs: NOTHING_LEARNT };
}
