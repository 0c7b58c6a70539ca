import { CLOCK_LEVELS } from './grid.js';
import { type Hazard, PHASES } from './hazard.js';
import type { PastRepair } from './past-repair.js';
import { cutIntoStretches, type RepairTable, watched } from './repair-table.js';
import { fitStrength, type LevelCounts, shrunk } from './shrinkage.js';

/** So many ends per age bin at least, and so many bins at most. */
const ENDS_PER_BIN = 8;
const MOST_BINS = 40;
/** Sweeps over all factors at most, and the change of every effect below which they stop. */
const SWEEPS = 30;
const SETTLED = 0.003;

/** One multiplicative effect: which level each stretch has, and each level's effect. */
interface Factor {
  readonly level: Uint16Array;
  readonly effect: Float64Array;
  /** the baseline: not drawn towards 1 */
  readonly isFree: boolean;
  /** level 0 stands for "not known" and has no effect */
  readonly hasUnknown: boolean;
}

/** What is expected of each stretch given the effects so far. */
interface Expectation {
  readonly rate: Float64Array;
  readonly ends: Float64Array;
  readonly watchedMs: Float64Array;
}

/** Edges between which ends are equally frequent: fine where much happens, coarse in the tail. */
function chooseEdges(past: readonly PastRepair[]): number[] {
  const ages: number[] = [];
  for (const each of past) {
    if (each.endedByMs === null) continue;
    const { endMs, toMs } = watched(each);
    ages.push((endMs + toMs) / 2);
  }
  ages.sort((a, b) => a - b);
  const bins = Math.max(1, Math.min(MOST_BINS, Math.floor(ages.length / ENDS_PER_BIN)));
  const edges = new Set<number>();
  for (let i = 1; i < bins; i++) {
    edges.add(Math.max(1000, ages[Math.floor((i * ages.length) / bins)] ?? 0));
  }
  return [...edges];
}

/** Phases hold a third of the bins each, hence about a third of the ends. */
function phaseOf(bin: number, bins: number): number {
  return Math.min(PHASES - 1, Math.floor((bin * PHASES) / bins));
}

function factor(level: Uint16Array, levels: number, kind: 'free' | 'known' | 'trait'): Factor {
  return {
    level,
    effect: new Float64Array(levels).fill(1),
    isFree: kind === 'free',
    hasUnknown: kind === 'trait',
  };
}

/** A factor's levels told apart by phase; 0 stays "not known" where the factor has that. */
function byPhase(plain: Factor, phase: Uint8Array): Factor {
  const level = plain.level.map((each, i) => {
    if (plain.hasUnknown && each === 0) return 0;
    return each * PHASES + (phase[i] ?? 0);
  });
  return { ...plain, level, effect: new Float64Array(plain.effect.length * PHASES).fill(1) };
}

interface Trait {
  readonly levels: ReadonlyMap<string, number>;
  readonly plain: Factor;
  readonly phased: Factor;
}

function traitFactors(table: RepairTable, name: string, phase: Uint8Array): Trait {
  const levels = new Map<string, number>();
  const ofSubject = table.subjects.map(({ traits }) => {
    const level = traits[name];
    if (level === undefined) return 0;
    const known = levels.get(level) ?? levels.size + 1;
    levels.set(level, known);
    return known;
  });
  const level = Uint16Array.from(table.subject, (subject) => ofSubject[subject] ?? 0);
  const plain = factor(level, levels.size + 1, 'trait');
  return { levels, plain, phased: byPhase(plain, phase) };
}

/** Expected part of a stretch lived through by one that ends in it; ms. */
function livedMs(rate: number, lengthMs: number): number {
  const nats = rate * lengthMs;
  if (nats < 1e-4) return lengthMs / 2;
  return 1 / rate - lengthMs / Math.expm1(nats);
}

/** Shares each end out over the stretches it may lie in, and counts the time lived there (E step). */
function shareOut(table: RepairTable, expectation: Expectation): void {
  const { rate, ends, watchedMs } = expectation;
  for (let i = 0; i < table.subjects.length; i++) {
    const first = table.endFrom[i] ?? 0;
    const next = table.from[i + 1] ?? 0;
    let alive = 1;
    for (let s = first; s < next; s++) {
      const lasts = Math.exp(-(rate[s] ?? 0) * (table.lengthMs[s] ?? 0));
      ends[s] = alive * (1 - lasts);
      alive *= lasts;
    }
    const total = 1 - alive;
    let left = 1;
    for (let s = first; s < next; s++) {
      const share = total > 1e-12 ? (ends[s] ?? 0) / total : 1 / (next - first);
      const lengthMs = table.lengthMs[s] ?? 0;
      ends[s] = share;
      left = Math.max(0, left - share);
      watchedMs[s] = left * lengthMs + share * livedMs(rate[s] ?? 0, lengthMs);
    }
  }
}

/** Ends seen and expected without the factor, by level. */
function countLevels({ level, effect, hasUnknown }: Factor, now: Expectation): LevelCounts {
  const { rate, ends, watchedMs } = now;
  const seen = new Float64Array(effect.length);
  const expected = new Float64Array(effect.length);
  for (let s = 0; s < level.length; s++) {
    const l = level[s] ?? 0;
    seen[l] = (seen[l] ?? 0) + (ends[s] ?? 0);
    expected[l] = (expected[l] ?? 0) + (rate[s] ?? 0) * (watchedMs[s] ?? 0);
  }
  for (let l = 0; l < effect.length; l++) expected[l] = (expected[l] ?? 0) / (effect[l] ?? 1);
  if (hasUnknown) expected[0] = 0;
  return { ends: seen, expected };
}

/** Fits one factor's effects, the others held (M step). @returns the largest change, in nats */
function refine(each: Factor, now: Expectation): number {
  const { level, effect } = each;
  const counts = countLevels(each, now);
  const strength = each.isFree ? 1e-6 : fitStrength(counts);
  const ratio = new Float64Array(effect.length).fill(1);
  let change = 0;
  for (let l = 0; l < effect.length; l++) {
    const expected = counts.expected[l] ?? 0;
    if (expected <= 0) continue;
    const before = effect[l] ?? 1;
    const after = shrunk(counts.ends[l] ?? 0, expected, strength);
    effect[l] = after;
    ratio[l] = after / before;
    change = Math.max(change, Math.abs(Math.log(after / before)));
  }
  const { rate } = now;
  for (let s = 0; s < level.length; s++) rate[s] = (rate[s] ?? 0) * (ratio[level[s] ?? 0] ?? 1);
  return change;
}

function startingPoint(table: RepairTable, bins: number): Expectation & { base: number } {
  const count = table.subject.length;
  let lengthMs = 0;
  for (const each of table.lengthMs) lengthMs += each;
  const ended = table.subjects.filter(({ endedByMs }) => endedByMs !== null).length;
  const base = Math.max(1, ended) / Math.max(1, lengthMs) / Math.max(1, Math.sqrt(bins));
  return {
    base,
    rate: new Float64Array(count).fill(base),
    ends: new Float64Array(count),
    watchedMs: Float64Array.from(table.lengthMs),
  };
}

function traitEffects({ levels, plain, phased }: Trait): Record<string, number[]> {
  return Object.fromEntries(
    [...levels].map(([name, level]) => [
      name,
      Array.from(
        { length: PHASES },
        (_, phase) => (plain.effect[level] ?? 1) * (phased.effect[level * PHASES + phase] ?? 1),
      ),
    ]),
  );
}

/**
 * Fits the model by EM (an end known only to an interval is shared out over it, the self-consistency
 * of Turnbull, JRSS B 38 (1976)) with iterative scaling of one factor after another. Effects of
 * clock and traits are drawn towards 1 as far as their levels do not differ beyond chance; those of
 * one phase towards the effect over all phases. Censored incidents count for as long as they were
 * watched. Deterministic.
 * @param past at least one that has ended
 */
export function fitHazard(past: readonly PastRepair[]): Hazard {
  const edges = chooseEdges(past);
  const bins = edges.length + 1;
  const phases = Array.from({ length: bins }, (_, bin) => phaseOf(bin, bins));
  const table = cutIntoStretches(past, edges);
  const phase = table.bin.map((bin) => phases[bin] ?? 0);
  const expectation = startingPoint(table, bins);
  const base = factor(Uint16Array.from(table.bin), bins, 'free');
  const clock = factor(Uint16Array.from(table.clock), CLOCK_LEVELS, 'known');
  const clockPhased = byPhase(clock, phase);
  const names = [...new Set(past.flatMap(({ traits }) => Object.keys(traits)))].sort();
  const traits = names.map((name) => [name, traitFactors(table, name, phase)] as const);
  const factors = [base, clock, ...traits.map(([, trait]) => trait.plain)];
  factors.push(clockPhased, ...traits.map(([, trait]) => trait.phased));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    shareOut(table, expectation);
    const changes = factors.map((each) => refine(each, expectation));
    if (Math.max(...changes) < SETTLED) break;
  }
  return {
    edges,
    phases,
    base: Array.from(base.effect, (effect) => effect * expectation.base),
    clock: Array.from(
      clockPhased.effect,
      (effect, i) => effect * (clock.effect[Math.floor(i / PHASES)] ?? 1),
    ),
    traits: Object.fromEntries(traits.map(([name, trait]) => [name, traitEffects(trait)])),
  };
}
