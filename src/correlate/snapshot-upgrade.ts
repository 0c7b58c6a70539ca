import type { Episode, RepairOutlook } from './episode.js';
import type { StoredRepairs } from './repair/repair-book.js';
import type { StoredRecord } from './track-record.js';

/** An incident's state of version 1, as far as it differs. */
interface EpisodeOne {
  readonly createdAtMs: number;
  readonly repairAtMs: number | null;
  readonly isRepairGiven: boolean;
}

const NO_RECORD: StoredRecord = {
  opened: [0, 0, 0],
  marked: [0, 0, 0],
  cellMonths: 0,
  sinceMs: null,
};

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
    saidBy: null,
    ticketId: null,
  };
}

/** An incident's state of version 2, as far as it says more than it seems to. */
interface EpisodeTwo {
  readonly workId: string | null;
  readonly detectedAtMs: number | null;
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

/**
 * In version 2 a person could neither group incidents, set their cause nor silence anything, and of
 * surplus only the last spell was known; nobody kept a record of false ones.
 */
function upgradeFromTwo<T extends AnyVersion>(given: T): T {
  const stored = given as T & { readonly surplus: readonly (readonly [string, object])[] };
  const episodes = (stored.episodes as readonly EpisodeTwo[]).map((each) => ({
    ...each,
    hasOverrun: each.workId !== null && each.detectedAtMs !== null,
    isPinned: false,
    causeSetBy: null,
    silencedUntilMs: null,
    doubt: 1,
    grade: null,
    kpis: [],
  }));
  const surplus = stored.surplus.map(([cell, spell]) => [cell, [spell]]);
  return { ...stored, episodes, surplus, silences: [], mutes: [], record: NO_RECORD };
}

/** In version 1 nothing was learnt of repairs. */
function upgradeFromOne<T extends AnyVersion>(stored: T): T & { readonly repairs: StoredRepairs } {
  const episodes = (stored.episodes as readonly EpisodeOne[]).map((each) => {
    const { repairAtMs: _at, isRepairGiven: _given, ...rest } = each;
    return { ...rest, repair: outlookOf(each), reviewAtMs: null, firstCells: 0, goingThen: 0 };
  });
  return { ...stored, episodes, repairs: NOTHING_LEARNT };
}

type Words = Pick<Episode, 'repair' | 'told' | 'overrun' | 'customers'>;

/** An incident stored before who had said its time to repair was kept, or customers were heard. */
export function withWords<T extends Words>(stored: T): T {
  const { repair, told, overrun, customers }: Partial<Words> = stored;
  const given = repair?.source === 'ticket' || repair?.source === 'operator' ? repair : undefined;
  const word = given && {
    source: given.source === 'ticket' ? ('ticket' as const) : ('operator' as const),
    atMs: given.atMs,
    asOfMs: given.asOfMs,
    saidBy: given.saidBy ?? null,
    ticketId: given.ticketId ?? null,
  };
  return {
    ...stored,
    repair: repair
      ? { ...repair, saidBy: repair.saidBy ?? null, ticketId: repair.ticketId ?? null }
      : null,
    told: told === undefined ? (word ?? null) : told,
    overrun: overrun ?? null,
    customers: customers ?? null,
  };
}
