import type { NotificationPolicy } from './policy.js';

/** A site as far as a roll-out asks. */
export interface PlacedSite {
  readonly siteId: string;
  readonly lat: number;
  readonly lon: number;
}

/**
 * Why an incident is not told while messages are rolled out region by region: the first of its sites
 * that lies in none of them, or that it has no site whose place is known.
 * @param sites of the incident, as far as known
 * @returns undefined when it may be told
 */
export function outsideRollout(
  sites: readonly PlacedSite[],
  { rollout }: NotificationPolicy,
): string | undefined {
  const { regions } = rollout;
  if (regions === null) return undefined;
  const names = regions.map(({ name }) => name).join(', ');
  if (sites.length === 0) return `roll-out: no site of it is known to be in ${names}`;
  const outside = sites.find(
    ({ lat, lon }) =>
      !regions.some(
        ({ south, west, north, east }) =>
          lat >= south && lat <= north && lon >= west && lon <= east,
      ),
  );
  return outside && `roll-out: site ${outside.siteId} is outside ${names}`;
}
