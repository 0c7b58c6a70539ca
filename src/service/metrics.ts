import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { DeadLetter } from '../domain/facts.js';
import type { PresenceCounts } from '../impact/ports.js';
import type { IngestCounts } from '../pipeline.js';

/** What `/metrics` counts of the main path. */
export class ServiceMetrics {
  readonly registry = new Registry();
  readonly #samples: Counter<'outcome'>;
  readonly #presence: Counter<'outcome'>;
  readonly #letters: Counter<'feed' | 'source' | 'reason'>;
  readonly #lag: Gauge;

  /** @param lagSeconds how far decisions are behind network time, asked when metrics are read */
  constructor(lagSeconds: () => number) {
    collectDefaultMetrics({ register: this.registry });
    const registers = [this.registry];
    this.#samples = new Counter({
      registers,
      name: 'tocsin_reports_total',
      help: 'KPI values by what detection made of them',
      labelNames: ['outcome'],
    });
    this.#presence = new Counter({
      registers,
      name: 'tocsin_presence_total',
      help: 'Sightings of subscribers by outcome',
      labelNames: ['outcome'],
    });
    this.#letters = new Counter({
      registers,
      name: 'tocsin_dead_letters_total',
      help: 'Input that could not be read',
      labelNames: ['feed', 'source', 'reason'],
    });
    this.#lag = new Gauge({
      registers,
      name: 'tocsin_decision_lag_seconds',
      help: 'Network time minus the last tick that was decided',
      collect: () => this.#lag.set(lagSeconds()),
    });
  }

  readonly ingested = (counts: IngestCounts): void => {
    for (const [outcome, count] of Object.entries(counts)) {
      if (count > 0) this.#samples.inc({ outcome }, count);
    }
  };

  readonly seen = (counts: PresenceCounts): void => {
    for (const [outcome, count] of Object.entries(counts)) {
      if (count > 0) this.#presence.inc({ outcome }, count);
    }
  };

  readonly refused = ({ feed, source, reason }: DeadLetter): void => {
    this.#letters.inc({ feed, source, reason });
  };
}
