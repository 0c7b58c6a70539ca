import type { Episode } from './episode.js';
import { neighboursOf } from './witness.js';
import type { World } from './world.js';

/** The share of users of an incident's dark cells whom neighbours serve, as their traffic shows. */
export interface Absorbed {
  /** in [0,1] */
  readonly share: number;
  /** neighbours it was measured at */
  readonly neighbours: number;
  /** end of the last period it was measured in, epoch ms */
  readonly asOfMs: number;
}

/** From this share of its service lost on a cell carries nothing. */
const DARK_FROM = 0.9;
/** Fewer neighbours say nothing: one crowd would be taken for a cell's users. */
const LEAST_NEIGHBOURS = 3;

/** More beyond expectation than this is a crowd of its own. */
const MOST_EXCESS = 1;

/** Cells that carry nothing of any service now, and since when all of them do. */
function darkCells(episode: Episode): { readonly cells: number[]; readonly sinceMs: number } {
  const cells: number[] = [];
  let sinceMs = Number.NEGATIVE_INFINITY;
  for (const [cell, spell] of episode.cells) {
    const isDark = spell.degree >= DARK_FROM && spell.services === undefined;
    if (!isDark || spell.wellSinceMs !== null) continue;
    cells.push(cell);
    sinceMs = Math.max(sinceMs, spell.sinceMs);
  }
  return { cells, sinceMs };
}

/** Cells beside dark ones that report. */
function servingBeside(world: World, episode: Episode, dark: readonly number[]): Set<number> {
  const beside = new Set<number>();
  for (const cell of dark) {
    for (const { cell: neighbour } of neighboursOf(world, cell)) {
      if (episode.cells.has(neighbour) || !world.space.isObserved(neighbour)) continue;
      if (world.anomalies.verdict(neighbour)?.silentOnly !== true) beside.add(neighbour);
    }
  }
  return beside;
}

/**
 * What neighbours carry beyond expectation in whole periods of the failure, over what the dark cells
 * would have carried: the sum of (observed ÷ expected − 1) of the neighbours, each less its mean over
 * the rest of the network in the same period, divided by the number of dark cells.
 *
 * Assumes that dark cells would have carried as much as their neighbours on average, and that a rise
 * too slight to be told is none, so that it is rather too low.
 *
 * @returns what was known already when no period is new; undefined when nothing was ever measured
 */
export function measureAbsorbed(world: World, episode: Episode): Absorbed | undefined {
  const known = episode.absorbed;
  const { cells, sinceMs } = darkCells(episode);
  if (cells.length === 0) return known;
  const moments = world.rises.since(sinceMs + world.feeds.periodMs);
  const asOfMs = moments.at(-1)?.atMs;
  if (asOfMs === undefined || asOfMs === known?.asOfMs) return known;
  const beside = servingBeside(world, episode, cells);
  if (beside.size < LEAST_NEIGHBOURS) return known;
  const elsewhere = Math.max(1, world.space.observedCells() - beside.size - cells.length);
  let carried = 0;
  for (const { excess } of moments) {
    let here = 0;
    let others = 0;
    for (const [cell, more] of excess) {
      const share = Math.min(MOST_EXCESS, more);
      if (beside.has(cell)) here += share;
      else others += share;
    }
    carried += here - (beside.size * others) / elsewhere;
  }
  const share = carried / moments.length / cells.length;
  const rounded = Math.round(Math.min(1, Math.max(0, share)) * 100) / 100;
  return { share: rounded, neighbours: beside.size, asOfMs };
}
