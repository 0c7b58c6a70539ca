import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import type { ModelStatus } from '../../src/pipeline.js';
import { Health } from '../../src/runtime/health.js';
import { ModelWatch } from '../../src/service/model-watch.js';

const clock = { now: () => 0 };

function modelsOf(beyondHundredth: number, isLost: boolean): ModelStatus[] {
  const calibration = [
    { kpi: 'users', vendor: 'Acme', beyondHundredth, beyondThousandth: 0.002, isLost },
  ];
  return [{ feed: 'pm', version: 7, previousVersion: 6, clusters: 3, rateFactor: 1, calibration }];
}

describe('the watch over models', () => {
  it('degrades health while any shard has lost its calibration, and says whose', async () => {
    const registry = new Registry();
    const health = new Health(clock, clock);
    const watch = new ModelWatch(registry, health);
    watch.told('telemetry:0', modelsOf(0.041, true));
    watch.told('telemetry:1', modelsOf(0.01, false));
    expect(health.report().components).toMatchObject([
      { status: 'degraded', detail: 'scores mislead: pm users Acme: 4.1 % instead of 1 %' },
    ]);
    watch.told('telemetry:0', modelsOf(0.01, false));
    expect(health.report().status).toBe('up');
    const text = await registry.metrics();
    expect(text).toContain('vendor="Acme",nominal="0.001"} 0.002');
    expect(text).toContain('tocsin_detection_model_version{stream="telemetry:1",feed="pm"} 7');
  });
});
