import type { Random } from '../random.js';

/** A place in WGS84 degrees. */
export interface Place {
  readonly lat: number;
  readonly lon: number;
}

const KM_PER_DEGREE = 111.2;

function kmPerLonDegree(lat: number): number {
  return KM_PER_DEGREE * Math.cos((lat * Math.PI) / 180);
}

/** Distance in km on a plane; good to 1 % within a region. */
export function distanceKm(a: Place, b: Place): number {
  const dy = (a.lat - b.lat) * KM_PER_DEGREE;
  const dx = (a.lon - b.lon) * kmPerLonDegree(a.lat);
  return Math.hypot(dx, dy);
}

/** Compass bearing from one place to another, degrees from north in [0,360). */
export function bearing(from: Place, to: Place): number {
  const dy = to.lat - from.lat;
  const dx = ((to.lon - from.lon) * kmPerLonDegree(from.lat)) / KM_PER_DEGREE;
  return ((Math.atan2(dx, dy) * 180) / Math.PI + 360) % 360;
}

/** The place at that distance and bearing, rounded to about a metre. */
export function destination(from: Place, km: number, degrees: number): Place {
  const angle = (degrees * Math.PI) / 180;
  const lat = from.lat + (km * Math.cos(angle)) / KM_PER_DEGREE;
  const lon = from.lon + (km * Math.sin(angle)) / kmPerLonDegree(from.lat);
  return { lat: Math.round(lat * 1e5) / 1e5, lon: Math.round(lon * 1e5) / 1e5 };
}

/** Difference of two bearings, in [0,180]. */
export function angleBetween(a: number, b: number): number {
  const difference = Math.abs(a - b) % 360;
  return difference > 180 ? 360 - difference : difference;
}

/** The place of least distance. @returns its index, -1 for an empty list */
export function nearest(place: Place, places: readonly Place[]): number {
  let best = -1;
  let bestKm = Number.POSITIVE_INFINITY;
  places.forEach((other, index) => {
    const km = distanceKm(place, other);
    if (km < bestKm) {
      best = index;
      bestKm = km;
    }
  });
  return best;
}

/**
 * Groups places that lie together (Lloyd's k-means from random places).
 * @returns per place the number of its group; groups are numbered from 0, none is empty
 */
export function clusterPlaces(places: readonly Place[], groups: number, random: Random): number[] {
  const centres = Array.from({ length: Math.min(groups, places.length) }, () =>
    random.pick(places),
  );
  let assigned: number[] = [];
  for (let round = 0; round < 12; round++) {
    assigned = places.map((place) => nearest(place, centres));
    centres.forEach((_, group) => {
      const members = places.filter((_place, index) => assigned[index] === group);
      if (members.length === 0) return;
      const mean = (of: (place: Place) => number): number =>
        members.reduce((sum, place) => sum + of(place), 0) / members.length;
      centres[group] = { lat: mean((place) => place.lat), lon: mean((place) => place.lon) };
    });
  }
  const numbers = new Map<number, number>();
  return assigned.map((group) => {
    const number = numbers.get(group) ?? numbers.size;
    numbers.set(group, number);
    return number;
  });
}
