import type pg from 'pg';
import { townOf } from '../../domain/town.js';

interface SiteRow {
  name: string | null;
  zone: string | null;
}

/** Where an incident is, for texts. `name` is empty when no site has one. */
export interface IncidentPlace {
  readonly name: string;
  readonly isAround: boolean;
  readonly zone: string | null;
}

/**
 * The town a text can name: the one most sites are in, whether other towns are concerned, and the
 * time zone of most of the sites. Site names end in a number where a town has several.
 */
export async function placeOf(
  client: pg.ClientBase | pg.Pool,
  sites: readonly string[],
): Promise<IncidentPlace> {
  const { rows } = await client.query<SiteRow>(
    `select name, zone from sites where site_id = any($1::text[]) and valid_to = 'infinity'`,
    [sites],
  );
  const towns = rows.map((row) => townOf(row.name ?? ''));
  const name = mostFrequent(towns.filter((town) => town !== ''));
  // "Rennes Nord" and "Rennes" are one town to those who live there.
  const isAround = towns.some((town) => town !== '' && !town.startsWith(name ?? ''));
  const zone = mostFrequent(rows.flatMap((row) => (row.zone === null ? [] : [row.zone])));
  return { name: name ?? '', isAround, zone: zone ?? null };
}

/** The most frequent value; the first in alphabetical order among equals. */
function mostFrequent(values: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best: string | undefined;
  for (const value of [...counts.keys()].sort()) {
    if (best === undefined || (counts.get(value) ?? 0) > (counts.get(best) ?? 0)) best = value;
  }
  return best;
}
