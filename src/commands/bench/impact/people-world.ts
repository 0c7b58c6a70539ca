import type { CellEffect } from '../../../../simulators/faults/conditions.js';
import { sightingsOf } from '../../../../simulators/population/records.js';
import { ServiceTruth } from '../../../../simulators/population/service.js';
import { localMoment, PERIOD_MS } from '../../../../simulators/telemetry/calendar.js';
import { createWorld, type World } from '../../../../simulators/world.js';
import { AwayGrid } from '../../../impact/away-grid.js';
import { type DayPart, DayPartClock } from '../../../impact/day-parts.js';
import { homeShares } from '../../../impact/home-coverage.js';
import { learnDay } from '../../../impact/learn-usual.js';
import type { ImpactRules } from '../../../impact/rules.js';
import { ofPart } from '../../../impact/whereabouts-rules.js';
import type { PeoplePlan } from './accuracy-cases.js';

/** Weights by cell of one person, by part of the week. */
type Usual = Map<DayPart, ReadonlyMap<number, number>>;
type Shares = ReadonlyMap<number, number>;
const NOWHERE: Shares = new Map();

/** A world with what Tocsin could know of its people: declared places, and what was learnt. */
export class PeopleWorld {
  readonly plan: PeoplePlan;
  readonly world: World;
  readonly clock: DayPartClock;
  readonly grid: AwayGrid;
  readonly #rules: ImpactRules;
  readonly #usual: Usual[];
  readonly #homes: Shares[];

  constructor(plan: PeoplePlan, rules: ImpactRules) {
    this.plan = plan;
    this.#rules = rules;
    this.world = createWorld(plan);
    const { network, people } = this.world;
    this.clock = new DayPartClock(network.zone);
    this.grid = new AwayGrid(network.sites.map((site) => ({ ...site, cells: site.cells.length })));
    this.#usual = Array.from({ length: people.size }, () => new Map());
    this.#homes = network.sites.map(({ cells }) => this.#coverage(cells));
    this.#learn();
  }

  #coverage(cells: readonly number[]): Shares {
    const { network } = this.world;
    const covering = cells.map((cell) => ({
      cellId: String(cell),
      neighbours: (network.cells[cell]?.neighbours ?? []).map((each) => ({
        cellId: String(each.cell),
        weight: each.weight,
      })),
    }));
    const shares = homeShares(covering, this.#rules.whereabouts.spill);
    return new Map([...shares].map(([cell, share]) => [Number(cell), share]));
  }

  /** Shares of the cells that cover a site's place. */
  homeAt(site: number): ReadonlyMap<number, number> {
    return this.#homes[site] ?? NOWHERE;
  }

  #declared(subscriber: number, part: DayPart): Shares {
    const share = ofPart(this.#rules.whereabouts.atHome, part);
    const shares = this.homeAt(this.world.people.declared[subscriber] ?? -1);
    return new Map([...shares].map(([cell, of]) => [cell, of * share]));
  }

  /** What was learnt of somebody for a part of the week; undefined when nothing was. */
  usual(subscriber: number, part: DayPart): ReadonlyMap<number, number> | undefined {
    return this.#usual[subscriber]?.get(part);
  }

  /** Last sightings by subscriber at a moment, of a past with those effects. */
  lastSeen(
    effects: readonly CellEffect[],
    nowMs: number,
    fromMs: number,
    known = new Map<number, { cell: number; atMs: number }>(),
  ): Map<number, { cell: number; atMs: number }> {
    const service = new ServiceTruth(this.world, () => effects);
    for (let ms = Math.floor(fromMs / PERIOD_MS) * PERIOD_MS; ms < nowMs; ms += PERIOD_MS) {
      const { presenceShare } = this.plan;
      for (const { subscriber, cell, atMs } of sightingsOf(
        this.world,
        service,
        ms,
        presenceShare,
      )) {
        // the sighting may lie before the failure and the quarter hour's service after it
        if (atMs < fromMs || atMs >= nowMs) continue;
        known.set(subscriber, { cell, atMs });
      }
    }
    return known;
  }

  #learn(): void {
    const { plan, world } = this;
    const service = new ServiceTruth(world, () => []);
    const seen = new Map<number, Map<number, Set<number>>>();
    let part = this.clock.at(plan.fromMs);
    for (let ms = plan.fromMs; ms < plan.branchMs; ms += PERIOD_MS) {
      if (this.clock.at(ms) !== part) {
        this.#fold(seen, part);
        part = this.clock.at(ms);
      }
      const hour = localMoment(ms, world.network.zone).quarter >> 2;
      for (const { subscriber, cell } of sightingsOf(world, service, ms, plan.presenceShare)) {
        const own = seen.get(subscriber) ?? new Map<number, Set<number>>();
        seen.set(subscriber, own.set(cell, (own.get(cell) ?? new Set()).add(hour)));
      }
    }
    this.#fold(seen, part);
  }

  #fold(seen: Map<number, Map<number, Set<number>>>, part: DayPart): void {
    for (const [subscriber, cells] of seen) {
      const hours = new Map([...cells].map(([cell, at]) => [cell, at.size]));
      const own = this.#usual[subscriber];
      const home = this.#declared(subscriber, part);
      own?.set(part, learnDay(own.get(part) ?? NOWHERE, hours, home, this.#rules.whereabouts));
    }
    seen.clear();
  }
}
