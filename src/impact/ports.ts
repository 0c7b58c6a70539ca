import type { ImpactSummary } from '../domain/customer.js';
import type { Presence } from '../domain/facts.js';
import type { Incident } from '../domain/incident.js';

/** Where it is kept who is affected by what. `Tx` is the store's transaction. */
export interface ImpactMapper<Tx> {
  /**
   * Brings the incident's subscribers up to its cells by difference and sums them up; closes them
   * all when the incident is over. Doing it again at the same time changes nothing.
   * @param nowMs network time, epoch ms
   */
  map(tx: Tx, incident: Incident, nowMs: number): Promise<ImpactSummary>;
  /** Looks at one person again: something new is known of them. Nothing for an incident that is over. */
  mapPerson(tx: Tx, incidentId: string, subscriberId: number, nowMs: number): Promise<void>;
}

/** What became of a batch of sightings. */
export interface PresenceCounts {
  readonly applied: number;
  /** not newer than what is known, or a newer one of the same person was in the batch */
  readonly stale: number;
  /** at another cell at the very moment of one that was kept */
  readonly contradictory: number;
  /** nobody's, or somebody's who was erased */
  readonly unknownSubscriber: number;
  /** of phones of other networks */
  readonly visitors: number;
  readonly unknownCell: number;
  /** ahead of network time by more than the rules allow */
  readonly future: number;
}

/** Keeps everyone's last sighting. */
export interface PresenceWriter {
  /** Applies sightings; applying them again, or in another order, changes nothing. */
  apply(items: readonly Presence[], nowMs: number): Promise<PresenceCounts>;
}
