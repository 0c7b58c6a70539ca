import { join } from 'node:path';
import { buildFault } from '../../../../simulators/faults/build-fault.js';
import { KINDS } from '../../../../simulators/population/population.js';
import { ServiceTruth } from '../../../../simulators/population/service.js';
import { loadYaml } from '../../../adapters/rules/load-yaml.js';
import { installFolder } from '../../../config.js';
import type { Stated } from '../../../domain/reliability-table.js';
import type { DayPart } from '../../../impact/day-parts.js';
import { ImpactRules } from '../../../impact/rules.js';
import { staySegments } from '../../../impact/stay.js';
import {
  catchingCells,
  type Exposure,
  exposureAt,
  exposureOf,
  homeExposure,
  type LostCell,
  UNEXPOSED,
} from '../../../impact/whereabouts.js';
import {
  ofPart,
  type WhereaboutsMode,
  type WhereaboutsRules,
} from '../../../impact/whereabouts-rules.js';
import type { PartResult } from '../accuracy/part.js';
import { ASKED_AFTER_MS, type PeopleCase, peopleCases, peoplePlans } from './accuracy-cases.js';
import { accuracyResult } from './accuracy-figures.js';
import type { ImpactPartOptions } from './part.js';
import { PeopleWorld } from './people-world.js';

/** Tocsin's modes and the two naive models they are held against. */
export const MODELS = ['declared', 'lastSeen', 'learnt', 'homeCell', 'lastCell'] as const;
export type Model = (typeof MODELS)[number];

/** What each model stated of one person at one moment, and what is so. */
export interface Judged {
  readonly slot: string;
  readonly kind: string;
  readonly isAffected: boolean;
  readonly stated: Readonly<Record<Model, number>>;
}

/** Below this share lost nobody notices; as the truth of the simulators has it. */
const NOTICEABLE = 0.05;
const MACHINE = KINDS.indexOf('machine');

/**
 * How right it is who is affected: every mode and two naive models, on scenarios with movement and
 * overlapping cells. Which cells failed is given, so that whereabouts alone are judged. Counted is
 * everybody, machines left out, whom some model names at all or who is affected.
 */
export async function scoreWhereabouts(options: ImpactPartOptions): Promise<PartResult> {
  const rules = loadYaml(join(installFolder, 'rules', 'impact.yaml'), ImpactRules);
  const judged: Judged[] = [];
  for (const plan of peoplePlans(options.set, options.scale)) {
    options.progress(`learning in world ${plan.seed}`);
    const world = new PeopleWorld(plan, rules);
    for (const each of peopleCases(plan)) judged.push(...judgeCase(world, each, rules));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return accuracyResult(options.set, judged, rules);
}

/** One case at each of the moments asked. */
function judgeCase(people: PeopleWorld, given: PeopleCase, rules: ImpactRules): Judged[] {
  const { network } = people.world;
  const { effects } = buildFault(network, given.seed, 'I1', given.fault);
  const startMs = given.fault.fromMs;
  const seen = new Map<number, { cell: number; atMs: number }>();
  let sinceMs = startMs - rules.whereabouts.keepHours * 3_600_000;
  const truth = new ServiceTruth(network, given.seed, () => effects);
  return ASKED_AFTER_MS.flatMap((after) => {
    const nowMs = startMs + after;
    people.lastSeen(given.seed, effects, nowMs, sinceMs, seen);
    sinceMs = nowMs;
    return judgeMoment(people, { given, truth, seen, nowMs }, rules);
  });
}

interface Moment {
  readonly given: PeopleCase;
  readonly truth: ServiceTruth;
  readonly seen: ReadonlyMap<number, { readonly cell: number; readonly atMs: number }>;
  readonly nowMs: number;
}

function judgeMoment(people: PeopleWorld, moment: Moment, rules: ImpactRules): Judged[] {
  const { given, truth, nowMs } = moment;
  const { movement, network, people: population } = people.world;
  const lost = new Map<number, LostCell>();
  for (const { index } of network.cells) {
    const degree = truth.cellLoss(index, nowMs);
    const isDark = degree >= rules.noneAtDegree;
    const cell = { isDark, sinceMs: given.fault.fromMs, degree, none: isDark ? 1 : 0 };
    if (degree >= NOTICEABLE) lost.set(index, cell);
  }
  const state = modelsAt(people, moment, lost, rules);
  const judged: Judged[] = [];
  for (let i = 0; i < population.size; i++) {
    if (population.kind[i] === MACHINE) continue;
    const loss = truth.lossAt(i, movement.cellAt(i, nowMs), nowMs);
    const isAffected = loss.service !== 'full';
    const stated = state(i);
    if (!isAffected && MODELS.every((model) => stated[model] < rules.minProbability)) continue;
    judged.push({ slot: given.slot, kind: given.kind, isAffected, stated });
  }
  return judged;
}

/** Exposure by declared place, by site; the last one is of somebody without. */
function homeExposures(
  people: PeopleWorld,
  lost: ReadonlyMap<number, LostCell>,
  { atHome: shares, placeRight }: WhereaboutsRules,
  part: DayPart,
): Exposure[] {
  const { sites, cells } = people.world.network;
  const bySite = new Map<string, number>();
  for (const cell of lost.keys()) {
    const siteId = sites[cells[cell]?.site ?? -1]?.siteId ?? '';
    bySite.set(siteId, (bySite.get(siteId) ?? 0) + 1);
  }
  people.grid.setLost(bySite);
  return sites.map(({ index, siteId }) =>
    homeExposure(people.homeAt(index), lost, {
      placeRight,
      atHome: ofPart(shares, part),
      lostAround: people.grid.lostAround(siteId),
    }),
  );
}

/** What every model states of a person at a moment. */
function modelsAt(
  people: PeopleWorld,
  { seen, nowMs }: Moment,
  lost: ReadonlyMap<number, LostCell>,
  { whereabouts: rules }: ImpactRules,
): (subscriber: number) => Record<Model, number> {
  const part = people.clock.at(nowMs);
  const catching = catchingCells(lost, (cell) => network.cells[cell]?.neighbours ?? []);
  const segmentsOf = (mode: WhereaboutsMode) =>
    staySegments(nowMs, people.clock, { ...rules, mode });
  const frames = {
    declared: { lost, catching, mode: 'declared', segments: segmentsOf('declared') },
    lastSeen: { lost, catching, mode: 'lastSeen', segments: segmentsOf('lastSeen') },
    learnt: { lost, catching, mode: 'learnt', segments: segmentsOf('learnt') },
  } as const;
  const { network, people: population } = people.world;
  const homes = homeExposures(people, lost, rules, part);
  return (i) => {
    const last = seen.get(i);
    const learnt = people.usual(i, part);
    const declared = population.declared[i] ?? -1;
    const where = {
      seen: last,
      usual: learnt && exposureOf(learnt, lost),
      home: homes[declared] ?? UNEXPOSED,
    };
    const of = (mode: WhereaboutsMode): number => exposureAt(where, frames[mode]).probability;
    const cellsAtHome = network.sites[declared]?.cells ?? [];
    const lostAtHome = cellsAtHome.filter((cell) => lost.has(cell)).length;
    return {
      declared: of('declared'),
      lastSeen: of('lastSeen'),
      learnt: of('learnt'),
      homeCell: lostAtHome > 0 && 2 * lostAtHome >= cellsAtHome.length ? 1 : 0,
      lastCell: last !== undefined && lost.has(last.cell) ? 1 : 0,
    };
  };
}

/** One statement of a model, for tables. */
export function statedBy(judged: readonly Judged[], model: Model): Stated[] {
  return judged.map(({ isAffected, stated }) => ({
    probability: stated[model],
    isTrue: isAffected,
  }));
}
