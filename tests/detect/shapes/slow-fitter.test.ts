import { describe, expect, it } from 'vitest';
import { createDetect } from '../../../src/detect/detect.js';
import type { Detect } from '../../../src/detect/ports.js';
import { inlineFitter } from '../../../src/detect/shapes/inline-fitter.js';
import type { ShapeFitter } from '../../../src/detect/shapes/ports.js';
import type {
  ShapeFit,
  ShapeFitResult,
  ShapeSample,
} from '../../../src/detect/shapes/shape-model.js';
import type { DetectEvent } from '../../../src/domain/anomaly.js';
import { blockOf, HOUR_MS, rulesWith, START_MS } from '../world.js';
import { LANE, reportsOf } from './two-kinds.js';

const HOURS = 24 * 24;
const lost = (cell: number, hour: number): number =>
  cell % 9 === 0 && hour >= 21 * 24 + 10 && hour < 21 * 24 + 14 ? 0.8 : 0;
const reports = () => reportsOf({ cells: 36, newFrom: 30, atHour: 17 * 24, lost });

/** Has a result only some turns of the event loop after it was begun, as a thread has. */
function lateFitter(): ShapeFitter & { late: number } {
  const fitter = {
    late: 0,
    begin: (sample: ShapeSample): ShapeFit => {
      let result: ShapeFitResult | undefined;
      const settled = new Promise<void>((resolve) => {
        setImmediate(() => {
          fitter.late++;
          result = inlineFitter.begin(sample).result;
          resolve();
        });
      });
      return {
        get result() {
          return result;
        },
        settled,
      };
    },
  };
  return fitter;
}

async function run(fitter: ShapeFitter, stops: readonly number[], tickHours = 1) {
  let detect: Detect = createDetect([LANE], rulesWith(), undefined, fitter);
  const reportsAt = reports();
  const events: DetectEvent[] = [];
  for (let hour = 0; hour < HOURS; hour++) {
    const startMs = START_MS + hour * HOUR_MS;
    const rows = Object.entries(reportsAt(hour, startMs));
    detect.ingest(
      blockOf(
        LANE,
        rows.map(([id, report]) => ({ id, startMs, report })),
      ),
    );
    if (hour % tickHours === tickHours - 1) {
      const nowMs = startMs + HOUR_MS + LANE.latenessSeconds * 1000;
      events.push(...detect.advance(nowMs));
      while (detect.awaits) {
        await detect.awaits;
        events.push(...detect.advance(nowMs));
      }
    }
    if (stops.includes(hour)) {
      const state = detect.snapshot();
      detect = createDetect([LANE], rulesWith(), undefined, fitter);
      detect.restore(state);
      expect(Buffer.compare(detect.snapshot(), state)).toBe(0);
    }
  }
  return { events, state: detect.snapshot() };
}

describe('shapes fitted elsewhere', () => {
  it('change nothing, however late they come and however often it is restarted', async () => {
    const plain = await run(inlineFitter, []);
    expect(plain.events.length).toBeGreaterThan(36);
    const late = lateFitter();
    // the second stop is between the sample of the first fit and its swap two hours later
    const stopped = await run(late, [100, 8 * 24 - 1, 8 * 24, 7 * 24, 15 * 24, 400]);
    expect(late.late).toBeGreaterThan(1);
    expect(stopped.events).toEqual(plain.events);
    expect(Buffer.compare(stopped.state, plain.state)).toBe(0);
  });

  it('hold a backlog up at the swap and at nothing else', async () => {
    const plain = await run(inlineFitter, [], 24);
    const late = await run(lateFitter(), [], 24);
    expect(late.events).toEqual(plain.events);
  });
});
