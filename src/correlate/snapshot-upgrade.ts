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

interface AnyVersion {
  readonly version: number;
  readonly episodes: readonly object[];
}

/** Brings a state of an earlier version to the one of today; of another it is left as it is. */
export function upgrade<T extends AnyVersion>(stored: T): T {
  const two = stored.version === 1 ? { ...upgradeFromOne(stored), version: 2 } : stored;
  return two.version === 2 ? { ...upgradeFromTwo(two), version: 3 } : two;
}

/** In version 2 a person could neither group incidents, set their cause nor silence anything. */
function upgradeFromTwo<T extends AnyVersion>(stored: T): T {
  const episodes = stored.episodes.map((each) => ({
    ...each,
    isPinned: false,
    causeSetBy: null,
    silencedUntilMs: null,
  }));
  return { ...stored, episodes, mutes: [] };
}

/** In version 1 nothing was learnt of repairs. */
function upgradeFromOne<T extends AnyVersion>(stored: T): T & { readonly repairs: StoredRepairs } {
  const episodes = (stored.episodes as readonly EpisodeOne[]).map((each) => {
    const { repairAtMs: _at, isRepairGiven: _given, ...rest } = each;
    return { ...rest, repair: outlookOf(each), reviewAtMs: null, firstCells: 0, goingThen: 0 };
  });
  return { ...stored, episodes, repairs: NOTHING_LEARNT };
}
