import type { Logger } from 'pino';
import { Gauge, type Registry } from 'prom-client';
import type { PatternVersion } from '../forecast/ordinary/pattern-version.js';
import type { Health } from '../runtime/health.js';
import { PatternThread } from './pattern-thread.js';
import { WhatIfThread } from './what-if-thread.js';

const COMPONENT = 'call patterns';

export interface CallPatternsOptions {
  readonly metrics: Registry;
  readonly health: Health;
  readonly log: Logger;
}

/** What is worked out of calls beside the decisions, and how the call patterns in use stand. */
export class CallPatterns {
  readonly fitter: PatternThread;
  readonly whatIf: WhatIfThread;
  readonly #health: Health;
  readonly #version: Gauge<'queue'>;
  readonly #error: Gauge<'queue' | 'span'>;
  readonly #drifted = new Map<string, string>();

  constructor({ metrics, health, log }: CallPatternsOptions) {
    this.fitter = new PatternThread(log);
    this.whatIf = new WhatIfThread(log);
    this.#health = health;
    const registers = [metrics];
    this.#version = new Gauge({
      registers,
      name: 'tocsin_call_pattern_version',
      help: 'Newest version of the ordinary call pattern',
      labelNames: ['queue'],
    });
    this.#error = new Gauge({
      registers,
      name: 'tocsin_call_pattern_wape',
      help: 'Error a day ahead over the last 14 days (recent) and the 56 before (usual)',
      labelNames: ['queue', 'span'],
    });
  }

  /** Takes note of newest versions: as metrics, and in `/health` while a pattern drifts. */
  readonly learnt = (patterns: readonly (PatternVersion & { readonly queue: string })[]): void => {
    for (const { queue, version, fit } of patterns) {
      const { recentWape, usualWape, hasDrifted } = fit.record;
      this.#version.set({ queue }, version);
      if (recentWape !== null) this.#error.set({ queue, span: 'recent' }, recentWape);
      if (usualWape !== null) this.#error.set({ queue, span: 'usual' }, usualWape);
      if (hasDrifted) this.#drifted.set(queue, `${share(recentWape)} after ${share(usualWape)}`);
      else this.#drifted.delete(queue);
    }
    const drifts = [...this.#drifted].sort().map(([queue, errors]) => `${queue}: ${errors}`);
    if (drifts.length === 0) this.#health.set(COMPONENT, 'up', 'errors are as they were');
    else this.#health.set(COMPONENT, 'degraded', `errors have grown: ${drifts.join('; ')}`);
  };

  async close(): Promise<void> {
    await Promise.all([this.fitter.close(), this.whatIf.close()]);
  }
}

function share(wape: number | null): string {
  return wape === null ? 'unknown' : `${(100 * wape).toFixed(1)} %`;
}
