import type pg from 'pg';
import { allServices, SERVICES, type ServiceShares } from '../../domain/services.js';
import { AwayGrid, type PlacedSite } from '../../impact/away-grid.js';
import type { DayPart } from '../../impact/day-parts.js';
import type { ImpactRules } from '../../impact/rules.js';
import {
  catchingCells,
  type Exposure,
  exposureAround,
  homeExposure,
  type LostCell,
  times,
  UNEXPOSED,
} from '../../impact/whereabouts.js';
import { ofPart } from '../../impact/whereabouts-rules.js';
import {
  CATCHING_AROUND,
  DARK_NEIGHBOURS,
  KEPT_COVERAGE,
  LOST_BY_SITE,
  PLACED_SITES,
  SITE_COVERAGE,
  WRITE_CATCHING,
  WRITE_SITES,
} from './exposure-sql.js';

/** Less exposed than this nobody is listed by a place alone, and a sighting adds little to it. */
const LEAST_OF_A_PLACE = 0.02;

interface CoverageRow extends ServiceShares {
  readonly siteId: string;
  readonly probability: number;
  readonly dark: number;
  readonly none: number;
  /** null when nothing of the incident covers the site */
  readonly since: Date | null;
}

/** When a part of the week is it, and which cells changed; undefined: any may have. */
export interface RefreshFrame {
  readonly part: DayPart;
  /** network time, epoch ms */
  readonly nowMs: number;
  readonly changed?: readonly number[];
}

interface LostRow extends ServiceShares {
  readonly siteId: string;
  readonly none: number;
  readonly since: Date;
}

function exposureIn({ probability, dark, none, voice, data, sms }: CoverageRow): Exposure {
  return { probability, dark, none, worse: { voice, data, sms } };
}

function lostIn({ none, voice, data, sms, since }: LostRow): LostCell {
  return { none, worse: { voice, data, sms }, sinceMs: since.getTime() };
}

/** Exposures column by column. */
function columnsOf(exposures: readonly Exposure[]): number[][] {
  return [
    exposures.map(({ probability }) => probability),
    exposures.map(({ dark }) => dark),
    exposures.map(({ none }) => none),
    ...SERVICES.map((service) => exposures.map(({ worse }) => worse[service])),
  ];
}

interface CatchingAround {
  readonly around: readonly number[];
  readonly dark: readonly number[];
}

interface NeighbourRow {
  readonly cellNo: number;
  readonly neighbourNo: number;
  readonly weight: number;
  readonly since: Date;
}

/** Works out and stores what an incident means for declared places, and which cells catch phones. */
export class ExposureStore {
  readonly #rules: ImpactRules;
  #known: { readonly version: number; readonly grid: AwayGrid } | null = null;

  constructor(rules: ImpactRules) {
    this.#rules = rules;
  }

  /** Brings both up to the incident's cells and the part of the week. */
  async refresh(client: pg.ClientBase, incidentNo: number, frame: RefreshFrame): Promise<void> {
    const { nowMs } = frame;
    const asked = [incidentNo, new Date(nowMs)];
    const lost = (await client.query<LostRow>(LOST_BY_SITE, asked)).rows;
    await this.#writeSites(client, incidentNo, lost, frame);
    if (this.#rules.whereabouts.mode !== 'declared') {
      await this.#writeCatching(client, incidentNo, frame);
    }
  }

  /** Cells that catch phones, worked out anew where cells changed. */
  async #writeCatching(
    client: pg.ClientBase,
    incidentNo: number,
    { nowMs, changed }: RefreshFrame,
  ): Promise<void> {
    const now = new Date(nowMs);
    const near =
      changed && (await client.query<CatchingAround>(CATCHING_AROUND, [changed, now])).rows[0];
    const { rows } = await client.query<NeighbourRow>(DARK_NEIGHBOURS, [
      incidentNo,
      now,
      near?.dark ?? null,
    ]);
    const catching = catchingOf(rows);
    await client.query(WRITE_CATCHING, [
      incidentNo,
      [...catching.keys()],
      [...catching.values()].map((ms) => new Date(ms)),
      near?.around ?? null,
    ]);
  }

  async #writeSites(
    client: pg.ClientBase,
    incidentNo: number,
    lost: readonly LostRow[],
    { part, nowMs, changed }: RefreshFrame,
  ): Promise<void> {
    const { placeRight, atHome } = this.#rules.whereabouts;
    const grid = await this.#placed(client, nowMs);
    const covered = await this.#coverage(client, incidentNo, nowMs, changed);
    const bySite = new Map<string, number>();
    for (const { siteId } of lost) bySite.set(siteId, (bySite.get(siteId) ?? 0) + 1);
    grid.setLost(bySite);
    const cells = lost.map(lostIn);
    const sinceMs = cells.reduce((first, cell) => Math.min(first, cell.sinceMs), nowMs);
    const knowledge = { placeRight, atHome: ofPart(atHome, part) };
    const mean = exposureAround(1, cells);
    const concerned = new Set([...grid.sitesAround(), ...covered.keys()]);
    const exposed = [...concerned].flatMap((siteId) => {
      const share = grid.lostAround(siteId);
      const row = covered.get(siteId);
      const own = row ? exposureIn(row) : UNEXPOSED;
      const at = homeExposure(own, times(share, mean), knowledge);
      if (at.probability < LEAST_OF_A_PLACE) return [];
      return [{ siteId, since: row?.since ?? new Date(sinceMs), own, at }];
    });
    await client.query(WRITE_SITES, [
      incidentNo,
      exposed.map((each) => each.siteId),
      exposed.map((each) => each.since),
      ...columnsOf(exposed.map(({ at }) => at)),
      ...columnsOf(exposed.map(({ own }) => own)),
    ]);
  }

  /** What the incident's cells mean for the places they cover, worked out anew where cells changed. */
  async #coverage(
    client: pg.ClientBase,
    incidentNo: number,
    nowMs: number,
    changed: readonly number[] | undefined,
  ): Promise<Map<string, CoverageRow>> {
    const covered = new Map<string, CoverageRow>();
    const kept = changed && (await client.query<CoverageRow>(KEPT_COVERAGE, [incidentNo])).rows;
    const isWhole = kept?.every(({ probability }) => probability !== null) ?? false;
    for (const row of isWhole && kept ? kept : []) covered.set(row.siteId, row);
    const { rows } = await client.query<CoverageRow>(SITE_COVERAGE, [
      incidentNo,
      new Date(nowMs),
      this.#rules.whereabouts.spill,
      isWhole ? changed : null,
    ]);
    for (const row of rows) covered.set(row.siteId, row);
    for (const { siteId, probability } of [...covered.values()]) {
      if (probability === 0) covered.delete(siteId);
    }
    return covered;
  }

  /** Where sites stand; read again when an import changed it. */
  async #placed(client: pg.ClientBase, nowMs: number): Promise<AwayGrid> {
    const { rows } = await client.query<{ version: number }>(
      `select coalesce(sum(version), 0)::int as version from import_versions
       where kind in ('sites', 'cells')`,
    );
    const version = rows[0]?.version ?? 0;
    if (this.#known?.version === version) return this.#known.grid;
    const placed = await client.query<PlacedSite>(PLACED_SITES, [0, new Date(nowMs)]);
    const grid = new AwayGrid(placed.rows);
    // a network that is not there yet may come without an import
    this.#known = placed.rows.length > 0 ? { version, grid } : null;
    return grid;
  }
}

/** By number of the catching cell, since when, epoch ms. */
function catchingOf(rows: readonly NeighbourRow[]): Map<number, number> {
  const lost = new Map<number, LostCell>();
  const neighbours = new Map<number, { cell: number; weight: number }[]>();
  for (const { cellNo, neighbourNo, weight, since } of rows) {
    lost.set(cellNo, { none: 1, worse: allServices(0), sinceMs: since.getTime() });
    const own = neighbours.get(cellNo) ?? [];
    own.push({ cell: neighbourNo, weight });
    neighbours.set(cellNo, own);
  }
  return catchingCells(lost, (cell) => neighbours.get(cell) ?? []);
}
