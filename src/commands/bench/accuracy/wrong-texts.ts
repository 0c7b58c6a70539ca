import type { Fault } from '../../../../simulators/faults/types.js';
import { PERIOD_MS } from '../../../../simulators/telemetry/calendar.js';
import type { TruthRow } from '../../../scoring/replay-document.js';
import type { WouldText } from './text-watch.js';

/** What a case's texts are held against. */
export interface ToldCase {
  readonly texts: readonly WouldText[];
  readonly truth: readonly TruthRow[];
  readonly faults: readonly Fault[];
  /** ids of the network's cells by their index */
  readonly cellIds: readonly string[];
}

/** Texts of a case that should not have gone out. */
export interface WrongTexts {
  /** to cells of which none had lost anything */
  readonly wrong: readonly WouldText[];
  /** to at least one cell that was only not heard of, only crowded, or taken down as announced */
  readonly gapOrCrowd: readonly WouldText[];
}

type Told = (cellId: string, atMs: number) => boolean;

function hurtIn({ truth }: ToldCase): Told {
  const byCell = new Map<string, { readonly fromMs: number; readonly toMs: number }[]>();
  for (const { cellId, startedAtMs, endedAtMs } of truth) {
    const toMs = (endedAtMs ?? Number.POSITIVE_INFINITY) + PERIOD_MS;
    const spells = byCell.get(cellId) ?? [];
    spells.push({ fromMs: startedAtMs - PERIOD_MS, toMs });
    byCell.set(cellId, spells);
  }
  return (cellId, atMs) =>
    (byCell.get(cellId) ?? []).some(({ fromMs, toMs }) => fromMs <= atMs && atMs <= toMs);
}

/** Cells that look bad for a reason that is no incident, whether or not they are hurt as well. */
function excusedIn({ faults, cellIds }: ToldCase): Told {
  const spells = faults.flatMap(({ effects, works, spec }) => {
    const harmless = effects.filter(
      ({ isUncollected, demandFactor }) => isUncollected === true || demandFactor !== undefined,
    );
    const announced = works.length > 0 ? effects : [];
    const untilMs = spec.fromMs + spec.durationMs + PERIOD_MS;
    return [...harmless, ...announced].map(({ cells, fromMs }) => ({ cells, fromMs, untilMs }));
  });
  const numbers = new Map(cellIds.map((cellId, index) => [cellId, index]));
  return (cellId, atMs) => {
    const cell = numbers.get(cellId) ?? -1;
    return spells.some(
      ({ cells, fromMs, untilMs }) => fromMs <= atMs && atMs <= untilMs && cells.includes(cell),
    );
  };
}

/** The texts of a case that nobody should have had. */
export function wrongTextsOf(told: ToldCase): WrongTexts {
  const isHurt = hurtIn(told);
  const isExcused = excusedIn(told);
  const isWrong = ({ cells, atMs }: WouldText): boolean =>
    !cells.some((cell) => isHurt(cell, atMs));
  const isGapOrCrowd = ({ cells, atMs }: WouldText): boolean =>
    cells.some((cell) => isExcused(cell, atMs) && !isHurt(cell, atMs));
  const { texts } = told;
  return { wrong: texts.filter(isWrong), gapOrCrowd: texts.filter(isGapOrCrowd) };
}
