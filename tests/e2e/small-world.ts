import type pg from 'pg';
import { callHistory } from '../../simulators/demo/demo-history.js';
import { cellsOfSites } from '../../simulators/faults/targets.js';
import { imsiOf, msisdnOf } from '../../simulators/population/identities.js';
import { KINDS } from '../../simulators/population/population.js';
import {
  optOutRecords,
  subscriberRecords,
  usualCellsOf,
} from '../../simulators/population/records.js';
import { PERIOD_MS } from '../../simulators/telemetry/calendar.js';
import { networkImports } from '../../simulators/world/import-rows.js';
import { createWorld, type World } from '../../simulators/world.js';
import type { ImportKindName } from '../../src/adapters/postgres/import-kinds.js';
import { copyRows } from '../../src/adapters/postgres/import-rows.js';
import type { CallInterval, Presence } from '../../src/domain/facts.js';
import { allServices } from '../../src/domain/services.js';
import { DayPartClock } from '../../src/impact/day-parts.js';
import { staySegments } from '../../src/impact/stay.js';
import { exposureAt, exposureOf, UNEXPOSED } from '../../src/impact/whereabouts.js';
import { impactRules } from '../services/customers.js';

const DAY_MS = 86_400_000;
const CALL_DAYS = 28;
/** Of those who live at the fibre, so many are seen there and so many are seen elsewhere. */
const SEEN = 25;

/** One subscriber of the world as the test expects Tocsin to see them. */
export interface Person {
  readonly index: number;
  readonly number: string;
  readonly kind: string;
  readonly isOptedOut: boolean;
  readonly probability: number;
}

/** A region small enough to be watched whole, the fibre that will be cut, and who is hit by that. */
export class SmallWorld {
  readonly world: World = createWorld({ seed: 11, sites: 16, cells: 48, subscribers: 1_500 });
  readonly fibre = this.#fibre();
  /** cells behind the fibre, by index */
  readonly lost = cellsOfSites(this.world.network, this.fibre.sites);
  /** call counts that are not imported but come in while the service runs */
  readonly newCalls: readonly CallInterval[];
  readonly sightings: readonly Presence[];
  readonly #callsUntilMs: number;
  readonly #seenAt = new Map<number, { readonly cell: number; readonly atMs: number }>();

  /** @param nowMs wall time, which is network time */
  constructor(nowMs: number) {
    const untilMs = Math.floor(nowMs / PERIOD_MS) * PERIOD_MS;
    this.#callsUntilMs = untilMs - 3_600_000;
    this.newCalls = [...callHistory(this.world, { fromMs: this.#callsUntilMs, toMs: untilMs })];
    this.#see(nowMs - 120_000);
    this.sightings = [...this.#seenAt].map(([person, { cell, atMs }]) => ({
      subscriber: imsiOf(person),
      cell: this.cellId(cell),
      time: new Date(atMs).toISOString(),
    }));
  }

  cellId(cell: number): string {
    return this.world.network.cells[cell]?.cellId ?? '';
  }

  /** Loads network, subscribers, opt-outs and four weeks of calls, as `tocsin import` does. */
  async importInto(pool: pg.Pool, phoneSecret: string): Promise<void> {
    const { rows } = this.world.network;
    const load = async (
      kind: ImportKindName,
      records: Parameters<typeof copyRows>[2],
    ): Promise<void> => {
      const { rejected } = await copyRows(pool, kind, records, { phoneSecret });
      if (rejected > 0) throw new Error(`${rejected} ${kind} were rejected`);
    };
    for (const [kind, records] of networkImports(rows)) await load(kind, records);
    await load('subscribers', subscriberRecords(this.world));
    await load('optouts', optOutRecords(this.world));
    await load('calls', this.#oldCalls());
  }

  *#oldCalls() {
    const toMs = this.#callsUntilMs;
    for (const call of callHistory(this.world, { fromMs: toMs - CALL_DAYS * DAY_MS, toMs }))
      yield { area: '', ...call };
  }

  /** Everybody with the probability of being affected by the loss of the fibre, by index. */
  people(sinceMs: number, nowMs: number): Person[] {
    const { people } = this.world;
    const lost = new Map(
      this.lost.map((cell) => [cell, { none: 1, worse: allServices(0), sinceMs }] as const),
    );
    const clock = new DayPartClock(this.world.network.zone);
    const frame = {
      lost,
      catching: new Map<number, number>(),
      mode: 'learnt',
      segments: staySegments(nowMs, clock, impactRules.whereabouts),
    } as const;
    return Array.from({ length: people.size }, (_, index) => {
      const usual = usualCellsOf(this.world, index).map((u) => [u.cell, u.weight] as const);
      const where = {
        seen: this.#seenAt.get(index),
        usual: exposureOf(usual, lost),
        home: UNEXPOSED,
      };
      return {
        index,
        number: msisdnOf(index),
        kind: KINDS[people.kind[index] ?? 0] ?? 'person',
        isOptedOut: people.isOptedOut[index] === 1,
        probability: exposureAt(where, frame).probability,
      };
    });
  }

  /** The fibre with the most homes behind it that is not most of the region. */
  #fibre() {
    const { network, people } = this.world;
    const homes = new Float64Array(network.cells.length);
    for (const cell of people.home) homes[cell] = (homes[cell] ?? 0) + 1;
    const size = (sites: readonly number[]): number =>
      cellsOfSites(network, sites).reduce((sum, cell) => sum + (homes[cell] ?? 0), 0);
    const found = [...network.fibres]
      .filter(({ sites }) => sites.length >= 3 && size(sites) < people.size / 3)
      .sort((a, b) => size(b.sites) - size(a.sites))[0];
    if (found === undefined) throw new Error('the world has no fibre to cut');
    return found;
  }

  #see(atMs: number): void {
    const { people, network } = this.world;
    const lost = new Set(this.lost);
    const healthy = network.cells.filter(({ index }) => !lost.has(index));
    const residents = [...people.home.keys()].filter((i) => lost.has(people.home[i] ?? -1));
    for (const person of residents.slice(0, SEEN)) {
      this.#seenAt.set(person, { cell: people.home[person] ?? 0, atMs });
    }
    for (const person of residents.slice(SEEN, 2 * SEEN)) {
      const elsewhere = healthy[person % healthy.length]?.index ?? 0;
      this.#seenAt.set(person, { cell: elsewhere, atMs });
    }
  }
}
