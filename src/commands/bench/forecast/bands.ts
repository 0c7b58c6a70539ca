import type { PartResult } from '../accuracy/part.js';
import type { CasePartOptions } from '../bench-parts.js';
import { type Figures, rounded } from '../figures.js';
import { blockShare, type DayScore } from './day-blocks.js';
import { seasonalNaive } from './peers.js';
import { rollOrigins } from './roll-origins.js';
import { CHARACTERS, type QueueCharacter, simulateQueue } from './simulated-queues.js';

const INTERVAL_SECONDS = 1800;
/** Queues of the one set were looked at while the models were made, those of the other were not. */
const SEEDS = { development: [1], scoring: [101] } as const;
/** Share of a queue's days that is history only. */
const HISTORY_SHARE = 0.4;
const SHORT_HISTORY_DAYS = 14;

/** What bands hold on simulated queues of many characters, more than 1,000 days in all. */
export async function scoreBands({ scale, set, progress }: CasePartOptions): Promise<PartResult> {
  const all: DayScore[] = [];
  const figures: Record<string, Figures> = {};
  const baseline: Record<string, Figures> = {};
  const lines: string[] = [];
  const characters = CHARACTERS.slice(0, Math.ceil(CHARACTERS.length * scale));
  for (const character of characters) {
    const { days, hourAhead, naive } = scoreCharacter(character, SEEDS[set]);
    all.push(...days);
    const own = summary(days);
    figures[character.name] = { ...own, hourAheadWape: summary(hourAhead).wape };
    baseline[character.name] = { seasonalNaive: rounded(naive, 4) };
    lines.push(line(character.name, own, ` naive ${percent(naive)}`));
    progress(`${character.name}: ${days.length} days`);
  }
  figures.all = { days: all.length, ...summary(all) };
  lines.unshift(line(`all ${all.length} days`, summary(all), ''));
  return { figures, baseline, lines };
}

function scoreCharacter(character: QueueCharacter, seeds: readonly number[]) {
  const days: DayScore[] = [];
  const hourAhead: DayScore[] = [];
  let naive = 0;
  for (const seed of seeds) {
    const history = simulateQueue(character, INTERVAL_SECONDS, seed);
    const share = Math.floor(history.rows.length * HISTORY_SHARE);
    const from = Math.max(SHORT_HISTORY_DAYS, share);
    for (const scores of rollOrigins(history, from, () => {})) {
      days.push(scores.dayAhead);
      hourAhead.push(scores.hourAhead);
    }
    naive += seasonalNaive(history, from) / seeds.length;
  }
  return { days, hourAhead, naive };
}

function summary(days: readonly DayScore[]) {
  const held = (part: (day: DayScore) => number): Figures => {
    const { share, low, high } = blockShare(days, part, (day) => day.points);
    return { share: rounded(share, 4), low: rounded(low, 4), high: rounded(high, 4) };
  };
  const missed = days.reduce((sum, day) => sum + day.missed, 0);
  const actual = days.reduce((sum, day) => sum + day.actual, 0);
  return {
    wape: rounded(missed / actual, 4),
    coverage80: held((day) => day.in80),
    coverage95: held((day) => day.in95),
  };
}

function percent(value: unknown): string {
  return typeof value === 'number' ? `${(value * 100).toFixed(1)} %` : '-';
}

function line(name: string, own: ReturnType<typeof summary>, rest: string): string {
  const { wape, coverage80, coverage95 } = own;
  return `  ${name}: 80 % band held ${percent(coverage80.share)} (${percent(coverage80.low)} to ${percent(coverage80.high)}), 95 % band ${percent(coverage95.share)} (${percent(coverage95.low)} to ${percent(coverage95.high)}); WAPE ${percent(wape)}${rest}`;
}
