import { createNetwork } from '../../../../../simulators/network.js';
import {
  addReport,
  blockBuilder,
  type PeriodCounters,
} from '../../../../../simulators/telemetry/counters.js';
import { TelemetryGenerator } from '../../../../../simulators/telemetry/generator.js';
import type { ReportBlock } from '../../../../domain/kpi.js';

const CELLS_PER_TILE = 1_000;

/**
 * Reports of many cells at little cost: a simulated network of up to 1,000 cells, repeated under other
 * ids until there are enough. Every report arrives.
 */
export class TiledReports {
  readonly cells: number;
  readonly #ids: readonly string[];
  readonly #tile: number;
  readonly #generator: TelemetryGenerator;
  readonly #feed: string;

  /** @param feed name of the feed the reports are of */
  constructor(cells: number, feed: string, seed: number) {
    const tile = Math.min(cells, CELLS_PER_TILE);
    const network = createNetwork({ seed, sites: Math.ceil(tile / 4), cells: tile });
    this.#feed = feed;
    this.#tile = network.cells.length;
    this.#ids = Array.from({ length: cells }, (_, at) => {
      const like = network.cells[at % this.#tile];
      return `${Math.floor(at / this.#tile)}-${like?.cellId ?? ''}`;
    });
    this.#generator = new TelemetryGenerator(network, { seed, effects: () => [] });
    this.cells = cells;
  }

  /** All reports of a period. @param startMs a whole quarter hour, epoch ms */
  period(startMs: number): ReportBlock {
    const counters: PeriodCounters = this.#generator.period(startMs);
    const builder = blockBuilder(this.#feed, this.cells);
    for (const [at, id] of this.#ids.entries()) addReport(builder, id, counters, at % this.#tile);
    return builder.finish();
  }
}
