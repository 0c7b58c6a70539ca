import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import landUrl from 'world-atlas/countries-10m.json?url';

/** West, south, east, north in degrees. */
export type Bounds = [number, number, number, number];
type Countries = GeoJSON.FeatureCollection;

const MARGIN_DEGREES = 3;
let land: Promise<Countries> | undefined;

/** The countries of the world (Natural Earth 1:10 million, public domain), fetched once. */
export function loadLand(): Promise<Countries> {
  land ??= fetch(landUrl)
    .then((reply) => reply.json() as Promise<Topology<{ countries: GeometryCollection }>>)
    .then((topology) => feature(topology, topology.objects.countries));
  return land;
}

/** Parts of countries within a few degrees of a box: quick to draw, hence drawn first. */
export function landNear(countries: Countries, box: Bounds): Countries {
  const features = countries.features.flatMap((country) => {
    const { geometry } = country;
    if (geometry.type === 'Polygon') return touches(geometry.coordinates, box) ? [country] : [];
    if (geometry.type !== 'MultiPolygon') return [];
    const coordinates = geometry.coordinates.filter((polygon) => touches(polygon, box));
    return coordinates.length === 0 ? [] : [{ ...country, geometry: { ...geometry, coordinates } }];
  });
  return { type: 'FeatureCollection', features };
}

function touches(polygon: GeoJSON.Position[][], [west, south, east, north]: Bounds): boolean {
  const outline = polygon[0] ?? [];
  const lons = outline.map(([lon]) => lon ?? 0);
  const lats = outline.map(([, lat]) => lat ?? 0);
  const least = (values: number[]): number => values.reduce((a, b) => Math.min(a, b), 180);
  const most = (values: number[]): number => values.reduce((a, b) => Math.max(a, b), -180);
  return (
    least(lons) <= east + MARGIN_DEGREES &&
    most(lons) >= west - MARGIN_DEGREES &&
    least(lats) <= north + MARGIN_DEGREES &&
    most(lats) >= south - MARGIN_DEGREES
  );
}
