import type { ImpactSummary } from '../../../domain/customer.js';
import type { Incident } from '../../../domain/incident.js';
import { decideWave } from '../../../notify/decide-wave.js';
import type { NotificationPolicy } from '../../../notify/policy.js';
import type { ReplayStep } from '../../../replay.js';

/** An "it is out" text that the policy would have sent, or would have asked a person about. */
export interface WouldText {
  readonly incidentId: string;
  readonly atMs: number;
  /** cells whose people it would have gone to */
  readonly cells: readonly string[];
}

/** Enough people for a text, and few enough that nobody has to approve it. */
const PEOPLE: ImpactSummary = {
  subscribers: 1_000,
  expected: 1_000,
  machines: 0,
  bySegment: {},
  userMinutes: 0,
  rankScore: 0,
  rankParts: {},
};

/**
 * Asks the notification policy at every step whether an incident's people would be told, as if there
 * were always enough of them: so what is counted is an upper bound.
 */
export class TextWatch {
  readonly #policy: NotificationPolicy;
  readonly #running = new Map<string, Incident>();
  readonly #told = new Map<string, WouldText>();
  readonly #asked = new Map<string, WouldText>();

  constructor(policy: NotificationPolicy) {
    this.#policy = policy;
  }

  /** Those that would have left by themselves, in order of time. */
  get texts(): readonly WouldText[] {
    return [...this.#told.values()];
  }

  /** Those of incidents that no text left of by itself, and a person was asked, in order of time. */
  get asked(): readonly WouldText[] {
    return [...this.#asked.values()].filter(({ incidentId }) => !this.#told.has(incidentId));
  }

  /** Takes in what changed. */
  note({ changes }: ReplayStep): void {
    for (const { incident } of changes) {
      if (incident.state === 'closed') this.#running.delete(incident.id);
      else this.#running.set(incident.id, incident);
    }
  }

  /** Asks the policy now. @param nowMs network time, epoch ms */
  ask(nowMs: number): void {
    for (const incident of this.#running.values()) {
      if (this.#told.has(incident.id) || incident.state !== 'open') continue;
      const wave = decideWave(incident, PEOPLE, this.#policy, nowMs);
      if (wave.status === 'none') continue;
      const into = wave.state === 'expanding' ? this.#told : this.#asked;
      if (into.has(incident.id)) continue;
      const cells = incident.cells.filter(({ degree }) => degree > 0).map(({ cellId }) => cellId);
      into.set(incident.id, { incidentId: incident.id, atMs: nowMs, cells });
    }
  }
}
