import { describe, expect, it } from 'vitest';
import type { DetectEvent } from '../../src/domain/anomaly.js';
import { type AnomalySpec, anomaly, network, opened, PERIOD, play, T0 } from './small-network.js';

const ROWS = network({ aggregations: 2, fibresPerAggregation: 2, sitesPerFibre: 4 });
/** as improbable as detection's threshold asks for */
const AT_THRESHOLD = 1 - Math.exp(-15);

function raisedOn(objectType: 'function' | 'cell', id: string, spec: AnomalySpec): DetectEvent {
  const it = { ...anomaly(id, spec), objectType };
  return { type: 'raised', atMs: it.detectedAtMs, anomaly: it };
}

const lost = (degree: number, score = AT_THRESHOLD): AnomalySpec => ({
  startedAtMs: T0,
  degree,
  score,
});

function playOne(event: DetectEvent, isRestarted = false) {
  return opened(play({ rows: ROWS, untilMs: T0 + 8 * PERIOD, events: [event], isRestarted }));
}

describe('a function in trouble', () => {
  it('opens an incident in its own name though no cell depends on it', () => {
    const [incident, ...others] = playOne(raisedOn('function', 'network', lost(0.03)));
    expect(others).toEqual([]);
    expect(incident).toMatchObject({ cells: [], sites: [], severity: 'major' });
    expect(incident?.cause).toMatchObject({ kind: 'unknown', id: 'network', probability: 1 });
    expect(incident?.explanation).toContain('has lost about 3 % of its service since 2026-03-02');
    expect(incident?.explanation).toContain('no cell of the inventory depends on it');
  });

  it('opens at once when it is beyond doubt, later when it is at the threshold', () => {
    const sure = playOne(raisedOn('function', 'network', lost(0.03, 1 - 1e-10)));
    expect(sure[0]?.detectedAt).toBe(new Date(T0 + PERIOD).toISOString());
    const unsure = playOne(raisedOn('function', 'network', lost(0.03)));
    const laterMs = Date.parse(unsure[0]?.detectedAt ?? '') - T0;
    expect(laterMs).toBeLessThanOrEqual(4 * PERIOD);
  });

  it('is named as the cause where the inventory knows it, with no cell that does not show it', () => {
    const [incident] = playOne(raisedOn('function', 'A1', lost(0.6, 1 - 1e-10)));
    expect(incident?.cause.candidates[0]?.id).toMatch(/^[AT]1$/);
    expect(incident).toMatchObject({ cells: [], severity: 'critical' });
    expect(incident?.explanation).toContain('no cell shows it');
  });

  it('is not made of a cell that loses as little', () => {
    expect(playOne(raisedOn('cell', 'S1-0', lost(0.03)))).toEqual([]);
  });

  it('is the same after restarts', () => {
    const event = raisedOn('function', 'network', lost(0.03));
    expect(playOne(event, true)).toEqual(playOne(event));
  });
});
