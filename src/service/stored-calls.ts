import type pg from 'pg';
import { CallHistory } from '../adapters/postgres/call-history.js';
import { loadPatterns } from '../adapters/postgres/call-patterns.js';
import { callsVersion } from '../adapters/postgres/import-versions.js';
import { loadPastIncidents } from '../adapters/postgres/past-incidents.js';
import { loadLessons } from '../adapters/postgres/surge-lessons.js';
import { RuledHolidays } from '../adapters/rules/holiday-calendar.js';
import { contentId } from '../domain/ids.js';
import { Forecaster } from '../forecast/forecaster.js';
import type { Learning } from '../forecast/ordinary/pattern-schedule.js';
import { noHolidays } from '../forecast/ordinary/ports.js';
import { RECENT_MS } from '../forecast/queue-calls.js';
import type { Clock } from '../runtime/clock.js';
import type { CallHistoryReading } from '../runtime/decisions/ports.js';
import type { CallPatterns } from './call-patterns.js';
import type { Rules } from './rules.js';

/** So that each holiday is there once. */
const HISTORY_MS = 56 * 7 * 86_400_000;

export interface StoredCallsOptions {
  readonly pool: pg.Pool;
  readonly rules: Pick<Rules, 'forecast'>;
  readonly patterns: CallPatterns;
  readonly network: Clock;
}

/** Forecasters that know the calls in the database, read again only when an import has changed them. */
export class StoredCalls {
  readonly #options: StoredCallsOptions;
  #loaded = -1;

  constructor(options: StoredCallsOptions) {
    this.#options = options;
  }

  /**
   * Begins to read the calls as they are now; patterns and lessons follow.
   * @throws TocsinError `unavailable.postgres`
   */
  async load(): Promise<CallHistoryReading> {
    const { pool } = this.#options;
    // Read before the calls: at worst they are newer than it says, and are learnt once more.
    const version = await callsVersion(pool);
    const history = await CallHistory.open(pool);
    this.#loaded = version;
    return { loaded: this.#read(history, version), stop: () => history.stop() };
  }

  /** @returns undefined when the calls of this version or a later one were read last */
  async newerThanLoaded(version: number): Promise<CallHistoryReading | undefined> {
    return version > this.#loaded ? this.load() : undefined;
  }

  async #read(history: CallHistory, version: number): Promise<Forecaster> {
    const { pool, rules, patterns, network } = this.#options;
    const forecaster = new Forecaster(rules.forecast, this.#learning(version));
    const now = network.now();
    await history.read(forecaster, {
      fromMs: now - HISTORY_MS,
      recentFromMs: now - RECENT_MS,
      intervalSeconds: rules.forecast.intervalSeconds,
    });
    forecaster.learn(await loadLessons(pool));
    forecaster.learnPast(await loadPastIncidents(pool));
    const kept = await loadPatterns(pool);
    forecaster.remember(kept);
    patterns.learnt(kept.map(({ queue, newest }) => ({ queue, ...newest })));
    return forecaster;
  }

  #learning(calls: number): Learning {
    const { intervalSeconds, zone, holidays } = this.#options.rules.forecast;
    const learntOf = contentId('rules', intervalSeconds, zone, JSON.stringify(holidays ?? null));
    return {
      fitter: this.#options.patterns.fitter,
      holidays: holidays === undefined ? noHolidays : new RuledHolidays(holidays),
      settings: { rules: learntOf, calls },
    };
  }
}
