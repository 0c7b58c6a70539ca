import type pg from 'pg';
import { type IncidentPlace, placeOf } from './incident-place.js';
import { INCIDENT_SITES } from './lookup-sql.js';
import { prepared } from './prepared.js';

const MOST_KEPT = 500;

/** Places of incidents, kept in memory for as long as their sites stay: they may be of a thousand. */
export class IncidentPlaces {
  readonly #pool: pg.Pool;
  readonly #kept = new Map<number, { readonly key: string; readonly place: IncidentPlace }>();

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** @param key changes when the incident's sites do */
  async of(incidentNo: number, key: string): Promise<IncidentPlace> {
    const kept = this.#kept.get(incidentNo);
    if (kept?.key === key) return kept.place;
    const { rows } = await prepared<{ sites: string[] | null }>(this.#pool, INCIDENT_SITES, [
      incidentNo,
    ]);
    const place = await placeOf(this.#pool, rows[0]?.sites ?? []);
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
    this.#kept.set(incidentNo, { key, place });
    return place;
  }
}
