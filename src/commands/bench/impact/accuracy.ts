import { join } from 'node:path';
import { buildFault } from '../../../../simulators/faults/build-fault.js';
import { technologyOf } from '../../../../simulators/population/devices.js';
import { KINDS } from '../../../../simulators/population/population.js';
import { knownTechnologies } from '../../../../simulators/population/records.js';
import { ServiceTruth } from '../../../../simulators/population/service.js';
import type { Network } from '../../../../simulators/world/types.js';
import { loadYaml } from '../../../adapters/rules/load-yaml.js';
import { installFolder } from '../../../config.js';
import type { Stated } from '../../../domain/reliability-table.js';
import type { ServiceShares } from '../../../domain/services.js';
import { caughtShare, harmAt, lossOf } from '../../../impact/cell-loss.js';
import type { DayPart } from '../../../impact/day-parts.js';
import { caughtOf, type NeighbourOverlap } from '../../../impact/device-groups.js';
import { ImpactRules } from '../../../impact/rules.js';
import { staySegments } from '../../../impact/stay.js';
import {
  catchingCells,
  type Exposure,
  exposureAround,
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
import type { CasePartOptions } from '../bench-parts.js';
import {
  ASKED_AFTER_MS,
  type PeopleCase,
  type PeoplePlan,
  peopleCases,
  peoplePlans,
} from './accuracy-cases.js';
import { accuracyResult } from './accuracy-figures.js';
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
  /** share of each service that they truly lost */
  readonly lost: ServiceShares;
  /** the same as each mode states it, in the mean over what may be */
  readonly statedLost: Readonly<Record<WhereaboutsMode, ServiceShares>>;
}

/** Below this share lost nobody notices; as the truth of the simulators has it. */
const NOTICEABLE = 0.05;
const MACHINE = KINDS.indexOf('machine');

/**
 * How right it is who is affected: every mode and two naive models, on scenarios with movement and
 * overlapping cells. Which cells failed is given, so that whereabouts alone are judged. Counted is
 * everybody, machines left out, whom some model names at all or who is affected.
 */
export async function scoreWhereabouts(options: CasePartOptions): Promise<PartResult> {
  const rules = loadYaml(join(installFolder, 'rules', 'impact.yaml'), ImpactRules);
  const judged: Judged[] = [];
  for (const plan of peoplePlans(options.set, options.scale)) {
    options.progress(`learning in world ${plan.seed}`);
    for (const each of judgeWorld(plan, rules)) judged.push(each);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return accuracyResult(options.set, judged, rules);
}

/** Everybody whom a world's cases concern, at each of the moments asked. */
export function judgeWorld(plan: PeoplePlan, rules: ImpactRules): Judged[] {
  const world = new PeopleWorld(plan, rules);
  return peopleCases(plan).flatMap((each) => judgeCase(world, each, rules));
}

/** One case at each of the moments asked. */
function judgeCase(people: PeopleWorld, given: PeopleCase, rules: ImpactRules): Judged[] {
  const { network } = people.world;
  const { effects } = buildFault(network, given.seed, 'I1', given.fault);
  const startMs = given.fault.fromMs;
  const seen = new Map<number, { cell: number; atMs: number }>();
  let sinceMs = startMs - rules.whereabouts.keepHours * 3_600_000;
  const truth = new ServiceTruth(people.world, () => effects);
  return ASKED_AFTER_MS.flatMap((after) => {
    const nowMs = startMs + after;
    people.lastSeen(effects, nowMs, sinceMs, seen);
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
  const { network, people: population } = people.world;
  const lost = new Map<number, LostCell>();
  for (const { index } of network.cells) {
    const degree = truth.cellLoss(index, nowMs);
    if (degree >= NOTICEABLE) {
      const overlap = healthyOverlap(network, truth, index, nowMs, rules);
      lost.set(index, {
        sinceMs: given.fault.fromMs,
        ...harmAt(truth.cellShares(index, nowMs), { overlap }, rules),
      });
    }
  }
  const state = modelsAt(people, moment, lost, rules);
  const judged: Judged[] = [];
  for (let i = 0; i < population.size; i++) {
    if (population.kind[i] === MACHINE) continue;
    const loss = truth.lossAt(i, nowMs);
    const isAffected = loss.service !== 'full';
    const { stated, statedLost } = state(i);
    if (!isAffected && MODELS.every((model) => stated[model] < rules.minProbability)) continue;
    const { slot, kind } = given;
    judged.push({ slot, kind, isAffected, stated, lost: loss.lost, statedLost });
  }
  return judged;
}

/** Sum of the weights of a cell's neighbours that are in service. */
function healthyOverlap(
  { cells }: Network,
  truth: ServiceTruth,
  cell: number,
  nowMs: number,
  { noneAtDegree }: ImpactRules,
): number {
  return (cells[cell]?.neighbours ?? [])
    .filter((other) => truth.cellLoss(other.cell, nowMs) < noneAtDegree)
    .reduce((sum, { weight }) => sum + weight, 0);
}

/** Exposure by declared place, by site. */
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
  const knowledge = { placeRight, atHome: ofPart(shares, part) };
  return sites.map(({ index, siteId }) => {
    const around = exposureAround(people.grid.lostAround(siteId), lost.values());
    return homeExposure(exposureOf(people.homeAt(index), lost), around, knowledge);
  });
}

/** How many devices like somebody's neighbours catch for one that can use everything. */
function caughtByDevice(
  { world: { network, people } }: PeopleWorld,
  lost: ReadonlyMap<number, LostCell>,
  rules: ImpactRules,
): (subscriber: number) => number {
  const beside: NeighbourOverlap[] = [];
  for (const [cell, { none }] of lost) {
    if (none === 0) continue;
    for (const { cell: other, weight } of network.cells[cell]?.neighbours ?? []) {
      if (lost.has(other)) continue;
      const technology = technologyOf(network.cells[other]?.layer ?? 'L800');
      beside.push({ cellId: String(cell), technology, overlap: weight });
    }
  }
  const byDevice = new Map<string, number>();
  return (subscriber) => {
    const technologies = knownTechnologies(people, subscriber);
    let share = byDevice.get(technologies);
    if (share === undefined) {
      share = caughtOf(technologies, beside, (overlap) => caughtShare({ overlap }, rules));
      byDevice.set(technologies, share);
    }
    return share;
  };
}

/** What every model states of a person at a moment. */
function modelsAt(
  people: PeopleWorld,
  { seen, nowMs }: Moment,
  lost: ReadonlyMap<number, LostCell>,
  impact: ImpactRules,
): (subscriber: number) => Pick<Judged, 'stated' | 'statedLost'> {
  const rules = impact.whereabouts;
  const { network, people: population } = people.world;
  const part = people.clock.at(nowMs);
  const catching = catchingCells(lost, (cell) => network.cells[cell]?.neighbours ?? []);
  const segmentsOf = (mode: WhereaboutsMode) =>
    staySegments(nowMs, people.clock, { ...rules, mode });
  const frames = {
    declared: { lost, catching, mode: 'declared', segments: segmentsOf('declared') },
    lastSeen: { lost, catching, mode: 'lastSeen', segments: segmentsOf('lastSeen') },
    learnt: { lost, catching, mode: 'learnt', segments: segmentsOf('learnt') },
  } as const;
  const homes = homeExposures(people, lost, rules, part);
  const caught = caughtByDevice(people, lost, impact);
  return (i) => {
    const last = seen.get(i);
    const learnt = people.usual(i, part);
    const declared = population.declared[i] ?? -1;
    const where = {
      seen: last,
      usual: learnt && exposureOf(learnt, lost),
      home: homes[declared] ?? UNEXPOSED,
    };
    const declaredAt = exposureAt(where, frames.declared);
    const seenAt = exposureAt(where, frames.lastSeen);
    const learntAt = exposureAt(where, frames.learnt);
    const cellsAtHome = network.sites[declared]?.cells ?? [];
    const lossIn = (exposure: Exposure): ServiceShares => lossOf(exposure, caught(i), impact).lost;
    const lostAtHome = cellsAtHome.filter((cell) => lost.has(cell)).length;
    return {
      stated: {
        declared: declaredAt.probability,
        lastSeen: seenAt.probability,
        learnt: learntAt.probability,
        homeCell: lostAtHome > 0 && 2 * lostAtHome >= cellsAtHome.length ? 1 : 0,
        lastCell: last !== undefined && lost.has(last.cell) ? 1 : 0,
      },
      statedLost: {
        declared: lossIn(declaredAt),
        lastSeen: lossIn(seenAt),
        learnt: lossIn(learntAt),
      },
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
