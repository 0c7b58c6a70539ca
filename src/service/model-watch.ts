import { Gauge, type Registry } from 'prom-client';
import type { ModelStatus } from '../pipeline.js';
import type { Health } from '../runtime/health.js';

const COMPONENT = 'calibration';

/** Shows how detection's models stand: as metrics, and in `/health` when scores mislead. */
export class ModelWatch {
  readonly #health: Health;
  readonly #lost = new Map<string, readonly string[]>();
  readonly #models = new Map<string, readonly ModelStatus[]>();
  readonly #share: Gauge<'stream' | 'feed' | 'kpi' | 'vendor' | 'nominal'>;
  readonly #version: Gauge<'stream' | 'feed'>;
  readonly #clusters: Gauge<'stream' | 'feed'>;

  constructor(registry: Registry, health: Health) {
    this.#health = health;
    const registers = [registry];
    this.#share = new Gauge({
      registers,
      name: 'tocsin_detection_calibration',
      help: 'Share of healthy scores beyond what the nominal share should exceed',
      labelNames: ['stream', 'feed', 'kpi', 'vendor', 'nominal'],
    });
    this.#version = new Gauge({
      registers,
      name: 'tocsin_detection_model_version',
      help: 'Version of the models in use',
      labelNames: ['stream', 'feed'],
    });
    this.#clusters = new Gauge({
      registers,
      name: 'tocsin_detection_clusters',
      help: 'Clusters of objects that share a shape of the week',
      labelNames: ['stream', 'feed'],
    });
  }

  /** What each shard said last, in order of streams and feeds. */
  readonly models = () =>
    [...this.#models.keys()].sort().flatMap((stream) =>
      (this.#models.get(stream) ?? []).map((each) => ({
        stream,
        ...each,
        calibration: [...each.calibration],
      })),
    );

  /** Takes the word of one shard. */
  readonly told = (stream: string, models: readonly ModelStatus[]): void => {
    this.#models.set(stream, models);
    const lost: string[] = [];
    for (const { feed, version, clusters, calibration } of models) {
      this.#version.set({ stream, feed }, version);
      this.#clusters.set({ stream, feed }, clusters);
      for (const { kpi, vendor, beyondHundredth, beyondThousandth, isLost } of calibration) {
        this.#share.set({ stream, feed, kpi, vendor, nominal: '0.01' }, beyondHundredth);
        this.#share.set({ stream, feed, kpi, vendor, nominal: '0.001' }, beyondThousandth);
        const share = `${Number((100 * beyondHundredth).toPrecision(2))} % instead of 1 %`;
        if (isLost) lost.push([feed, kpi, vendor].filter(Boolean).join(' ').concat(`: ${share}`));
      }
    }
    this.#lost.set(stream, lost);
    const all = [...new Set([...this.#lost.values()].flat())].sort();
    if (all.length === 0) this.#health.set(COMPONENT, 'up', 'scores are as rare as they say');
    else this.#health.set(COMPONENT, 'degraded', `scores mislead: ${all.join('; ')}`);
  };
}
