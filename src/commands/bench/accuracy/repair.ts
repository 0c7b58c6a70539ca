import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installFolder } from '../../../config.js';
import { asKnownAt, type PastRepair } from '../../../correlate/repair/past-repair.js';
import { RepairBook } from '../../../correlate/repair/repair-book.js';
import { type Figure, type Figures, rounded } from '../figures.js';
import { type Outage, readOutages } from './outage-history.js';
import type { CaseSet, PartOptions, PartResult } from './part.js';
import { type Foretelling, repairFigures } from './repair-figures.js';
import { type TableCell, tableLines } from './table.js';
import { loadShippedRules } from './warm-world.js';

const DATA = join(installFolder, '../shared/data/incident-lifecycles/outages.csv');
const HOUR_MS = 3_600_000;
/** Hours after first sight at which it is asked again. */
const LATER_HOURS = [1, 4] as const;

/** Learnt from what was first seen before `splitMs`, as known then; tried on what came after. */
interface Split {
  readonly fromMs: number;
  readonly splitMs: number;
  readonly endMs: number;
}

const SPLITS: Readonly<Record<CaseSet, Split>> = {
  development: {
    fromMs: Date.UTC(2024, 1),
    splitMs: Date.UTC(2024, 2),
    endMs: Date.UTC(2024, 3),
  },
  scoring: { fromMs: Date.UTC(2024, 1), splitMs: Date.UTC(2024, 3), endMs: Date.UTC(2024, 4) },
};

function isBetween({ past }: Outage, fromMs: number, toMs: number): boolean {
  return past.knownAtMs >= fromMs && past.knownAtMs < toMs;
}

/** The book an operator would have had at that time: ended ones in the order in which they ended. */
function bookAt(past: readonly PastRepair[], atMs: number): RepairBook {
  const { repair } = loadShippedRules().correlation;
  const book = new RepairBook(repair);
  const known = asKnownAt(past, atMs);
  const endOf = ({ endedByMs }: PastRepair): number => endedByMs ?? Number.POSITIVE_INFINITY;
  const ended = known.filter(({ endedByMs }) => endedByMs !== null);
  for (const each of ended.sort((a, b) => endOf(a) - endOf(b))) book.add(each);
  const running = known.filter(({ endedByMs }) => endedByMs === null);
  book.refit(() => running, atMs);
  book.refit(() => running, book.nextMs());
  return book;
}

function ask(book: RepairBook, past: PastRepair, askedAtMs: number): Foretelling[] {
  const told = book.foretell(past, askedAtMs);
  return told === null ? [] : [{ past, atMs: told.medianMs, band: told }];
}

/** Asked again after some hours, of those that a snapshot still showed then. */
function askLater(book: RepairBook, tried: readonly Outage[], hours: number): Figures {
  const told = tried.flatMap(({ past }) => {
    const askedAtMs = past.knownAtMs + hours * HOUR_MS;
    return past.endedAfterMs < askedAtMs ? [] : ask(book, past, askedAtMs);
  });
  return repairFigures(told);
}

/** How long past outages lasted from first sight: the same answer for everyone. */
function plainAnswers(past: readonly PastRepair[], tried: readonly Outage[]): Figures {
  const left = past
    .flatMap(({ knownAtMs, endedAfterMs, endedByMs }) =>
      endedByMs === null ? [] : [(endedAfterMs + endedByMs) / 2 - knownAtMs],
    )
    .sort((a, b) => a - b);
  const quantile = (share: number): number => left[Math.floor(share * left.length)] ?? 0;
  return repairFigures(
    tried.map(({ past: each }) => ({
      past: each,
      atMs: each.knownAtMs + quantile(0.5),
      band: { lowMs: each.knownAtMs + quantile(0.1), highMs: each.knownAtMs + quantile(0.9) },
    })),
  );
}

function withCause({ past, lastCause }: Outage): PastRepair {
  return { ...past, traits: { ...past.traits, cause: lastCause } };
}

function announced(tried: readonly Outage[]): Foretelling[] {
  return tried.flatMap(({ past, announcedMs }) =>
    announcedMs === null ? [] : [{ past, atMs: announcedMs, band: null }],
  );
}

/** Every question that was asked, by a name for people. */
interface Answers {
  readonly ours: Figures;
  readonly later: readonly (readonly [number, Figures])[];
  readonly whereAnnounced: Figures;
  readonly announced: Figures;
  readonly plain: Figures;
  readonly causeInHindsight: Figures;
}

function answer(before: readonly Outage[], tried: readonly Outage[], splitMs: number): Answers {
  const past = before.map((each) => each.past);
  const book = bookAt(past, splitMs);
  const first = ({ past: each }: Outage): Foretelling[] => ask(book, each, each.knownAtMs);
  const hindsight = bookAt(before.map(withCause), splitMs);
  return {
    ours: repairFigures(tried.flatMap(first)),
    later: LATER_HOURS.map((hours) => [hours, askLater(book, tried, hours)]),
    whereAnnounced: repairFigures(
      tried.filter(({ announcedMs }) => announcedMs !== null).flatMap(first),
    ),
    announced: repairFigures(announced(tried)),
    plain: plainAnswers(asKnownAt(past, splitMs), tried),
    causeInHindsight: repairFigures(
      tried.flatMap((each) => ask(hindsight, withCause(each), each.past.knownAtMs)),
    ),
  };
}

function linesOf(answers: Answers): string[] {
  const hours = (value: Figure | undefined): number | null =>
    typeof value === 'number' ? rounded(value / 3600, 2) : null;
  const row = (name: string, figures: Figures): TableCell[] => [
    name,
    Number(figures.outages),
    hours(figures.meanErrorSeconds),
    hours(figures.medianErrorSeconds),
    typeof figures.coverage === 'number' ? rounded(figures.coverage, 3) : null,
    hours(figures.medianBandSeconds),
  ];
  return tableLines(
    ['ends of real outages foretold', 'outages', 'mean error h', 'median', 'in band', 'width h'],
    [
      row('when first seen', answers.ours),
      ...answers.later.map(([later, figures]) => row(`asked again ${later} h later`, figures)),
      row('where the source gave an estimate', answers.whereAnnounced),
      row("the source's own first estimate", answers.announced),
      row('quantiles of all the past', answers.plain),
      row('with the cause, known in hindsight', answers.causeInHindsight),
    ],
  );
}

function ratio(ours: Figures, theirs: Figures): number {
  return rounded(Number(ours.meanErrorSeconds) / Number(theirs.meanErrorSeconds), 3) ?? 0;
}

/**
 * Time to repair on the real outages of `incident-lifecycles`: scoring learns from February and
 * March 2024, with labels censored at the end of March, and foretells April; development learns from
 * February and foretells March. Asked when an outage was first seen, from what was known then:
 * customers then, how many others were going on, area and local hour; not the cause, which the file
 * holds only as last stated (`causeInHindsight` shows what it would be worth). Beside it the
 * source's own first estimate, on those that have one, and the plain quantiles of the past.
 * Without the data there are no figures.
 */
export async function measureRepair({ set, progress }: PartOptions): Promise<PartResult> {
  if (!existsSync(DATA)) return { figures: {}, lines: [`left out: there is no ${DATA}`] };
  const { fromMs, splitMs, endMs } = SPLITS[set];
  const outages = await readOutages(DATA);
  const before = outages.filter((each) => isBetween(each, fromMs, splitMs));
  const tried = outages.filter((each) => isBetween(each, splitMs, endMs));
  progress(`${before.length} outages to learn from, ${tried.length} to foretell`);
  const answers = answer(before, tried, splitMs);
  const { ours, later, whereAnnounced, causeInHindsight } = answers;
  const asked = later.map(([hours, figures]) => [`after${hours}Hours`, figures] as const);
  return {
    figures: { ...ours, asked: Object.fromEntries(asked), whereAnnounced, causeInHindsight },
    baseline: { whereAnnounced: answers.announced, plain: answers.plain },
    ratios: {
      meanErrorToAnnounced: ratio(whereAnnounced, answers.announced),
      meanErrorToPlain: ratio(ours, answers.plain),
    },
    lines: linesOf(answers),
  };
}
