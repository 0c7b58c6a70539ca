import type pg from 'pg';
import type { Registry } from 'prom-client';
import { loadCellVendors } from '../adapters/postgres/cell-vendors.js';
import type { PostgresJournal } from '../adapters/postgres/journal.js';
import type { JournalAct } from '../adapters/postgres/operator-store.js';
import { createDetect } from '../detect/detect.js';
import type { DetectionRules } from '../detect/rules.js';
import { detectActOf } from '../domain/detect-act.js';
import type { LaneSpec, PeriodObserver } from '../domain/lane.js';
import type { DetectStage } from '../pipeline.js';
import type { Health } from '../runtime/health.js';
import type { Logger } from '../runtime/log.js';
import { CONTROL_STREAM, DETECTION_STREAM } from '../runtime/ports.js';
import { ModelWatch } from './model-watch.js';
import { ThreadFitter } from './thread-fitter.js';

export interface DetectionOptions {
  readonly lanes: readonly LaneSpec[];
  readonly rules: DetectionRules;
  readonly metrics: Registry;
  readonly health: Health;
  readonly log: Logger;
}

/** What the detect stages of all shards share: the thread that fits shapes, and who watches models. */
export class Detection {
  readonly watch: ModelWatch;
  readonly #options: DetectionOptions;
  readonly #fitter: ThreadFitter;
  #vendors: ReadonlyMap<string, string> = new Map();
  #vendorsVersion = -1;

  constructor(options: DetectionOptions) {
    this.#options = options;
    this.#fitter = new ThreadFitter(options.log);
    this.watch = new ModelWatch(options.metrics, options.health);
  }

  /**
   * Vendors of cells, which calibration is watched by, from the network of this version or a later
   * one; stages made from now on know them. Read once a version.
   * @param atMs network time, of which they are to be valid
   * @throws TocsinError `unavailable.postgres`
   */
  async vendorsOf(pool: pg.Pool, version: number, atMs: number) {
    if (version > this.#vendorsVersion) {
      this.#vendors = await loadCellVendors(pool, atMs);
      this.#vendorsVersion = Math.max(version, this.#vendorsVersion);
    }
    return this.#vendors;
  }

  /** A stage in its first state. */
  stage(observer: PeriodObserver): DetectStage {
    const { lanes, rules } = this.#options;
    const vendors = this.#vendors;
    const known = lanes.map((lane) => (lane.objectType === 'cell' ? { ...lane, vendors } : lane));
    return createDetect(known, rules, observer, this.#fitter);
  }

  close(): Promise<void> {
    return this.#fitter.close();
  }
}

/**
 * Journals acts for the decisions, and those on detection for every shard as well; shards whose
 * stream is elsewhere take them from `DETECTION_STREAM`.
 */
export function journalActs(journal: PostgresJournal, shards: readonly string[]): JournalAct {
  return async (client, act) => {
    const more = detectActOf(act) ? [DETECTION_STREAM, ...shards] : [];
    // in one order of streams, so that two writers cannot wait for each other
    for (const stream of [CONTROL_STREAM, ...more].sort()) {
      await journal.appendWithin(client, stream, [{ kind: 'acts', items: [act] }]);
    }
  };
}
