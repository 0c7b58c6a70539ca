import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CellFeatures } from '../../src/api/ports.js';
import { convexHull, incidentAreas } from '../../src/dashboard/parts/areas.js';

type Position = [number, number];

function cell(
  id: string,
  at: Position,
  incidentId: string | null,
): CellFeatures['features'][number] {
  return {
    type: 'Feature',
    geometry: { type: 'Point', coordinates: at },
    properties: {
      id,
      site: id,
      siteName: null,
      azimuth: null,
      technology: null,
      state: incidentId === null ? 'ok' : 'down',
      degree: 1,
      incidentId,
    },
  };
}

describe('the outline of an incident', () => {
  it('is one ring around each incident and none around healthy cells', () => {
    const areas = incidentAreas({
      type: 'FeatureCollection',
      truncated: false,
      features: [
        cell('a', [-4, 48], 'i1'),
        cell('b', [-4, 48], 'i1'),
        cell('c', [-3, 48], null),
        cell('d', [-2, 47], 'i2'),
      ],
    });
    expect(areas.map(({ properties }) => properties.incidentId)).toEqual(['i1', 'i2']);
    const ring = areas[0]?.geometry.coordinates[0] ?? [];
    expect(ring).toHaveLength(17);
    expect(ring[0]).toEqual(ring.at(-1));
    for (const [lon, lat] of ring) {
      const km = Math.hypot((lon + 4) * Math.cos((48 * Math.PI) / 180), lat - 48) * 111.32;
      expect(km).toBeCloseTo(1.6, 1);
    }
  });

  it('turns left at every corner and leaves no cell outside', () => {
    const place = fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 }));
    fc.assert(
      fc.property(fc.array(place, { minLength: 3, maxLength: 40 }), (places) => {
        const points: Position[] = [...places, [-60, -60], [60, -60], [0, 60]];
        const hull = convexHull(points);
        for (const [i, [ax, ay]] of hull.entries()) {
          const [bx, by] = hull[(i + 1) % hull.length] ?? [0, 0];
          for (const [x, y] of points) {
            expect((bx - ax) * (y - ay) - (by - ay) * (x - ax)).toBeGreaterThanOrEqual(0);
          }
        }
      }),
      { numRuns: 50, seed: 7 },
    );
  });
});
