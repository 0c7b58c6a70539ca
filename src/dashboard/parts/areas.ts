import type { CellFeatures } from '../../api/schemas.js';

type Position = [number, number];
type Cell = CellFeatures['features'][number];

/** The outline of one incident's cells, GeoJSON polygon. */
export interface Area {
  readonly type: 'Feature';
  readonly geometry: { readonly type: 'Polygon'; readonly coordinates: Position[][] };
  readonly properties: { readonly incidentId: string; readonly isSuspected: boolean };
}

const KM_PER_DEGREE = 111.32;
const MARGIN_KM = 1.6;
const CORNERS = 16;

/** A ring of points around a place, so that the outline keeps its distance from the cells. */
function ring([lon, lat]: Position, radiusKm: number): Position[] {
  const stretch = Math.cos((lat * Math.PI) / 180);
  return Array.from({ length: CORNERS }, (_, i) => {
    const angle = (i / CORNERS) * 2 * Math.PI;
    const degrees = radiusKm / KM_PER_DEGREE;
    return [lon + (degrees / stretch) * Math.cos(angle), lat + degrees * Math.sin(angle)];
  });
}

function turn([ax, ay]: Position, [bx, by]: Position, [cx, cy]: Position): number {
  return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
}

/** Whether the last corner has to go, since the way over it to the next point is not a left turn. */
function isDent(hull: readonly Position[], next: Position): boolean {
  const [before, last] = hull.slice(-2);
  return before !== undefined && last !== undefined && turn(before, last, next) <= 0;
}

function halfHull(points: readonly Position[]): Position[] {
  const hull: Position[] = [];
  for (const point of points) {
    while (isDent(hull, point)) hull.pop();
    hull.push(point);
  }
  return hull.slice(0, -1);
}

/**
 * Convex hull, counter-clockwise (Andrew's monotone chain, Information Processing Letters 9, 1979).
 * @param points at least three, not all on one line
 */
export function convexHull(points: readonly Position[]): Position[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  return [...halfHull(sorted), ...halfHull(sorted.reverse())];
}

/** One rounded outline per incident that has cells on the map. */
export function incidentAreas(cells: CellFeatures): Area[] {
  const byIncident = new Map<string, Cell[]>();
  for (const cell of cells.features) {
    const id = cell.properties.incidentId;
    if (id === null) continue;
    const group = byIncident.get(id);
    if (group === undefined) byIncident.set(id, [cell]);
    else group.push(cell);
  }
  return [...byIncident].map(([incidentId, group]) => {
    const places = new Map(group.map(({ geometry: { coordinates: c } }) => [c.join(), c]));
    const hull = convexHull([...places.values()].flatMap((place) => ring(place, MARGIN_KM)));
    return {
      type: 'Feature',
      geometry: { type: 'Polygon', coordinates: [[...hull, ...hull.slice(0, 1)]] },
      properties: {
        incidentId,
        isSuspected: group.every(({ properties }) => properties.state === 'suspected'),
      },
    };
  });
}
