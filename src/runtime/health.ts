import type { Clock } from './clock.js';

export type ComponentStatus = 'up' | 'degraded' | 'down';

/** One thing the service stands on or does, as `/health` shows it. */
export interface ComponentHealth {
  readonly name: string;
  readonly status: ComponentStatus;
  /** since when it has had this status, ISO 8601 */
  readonly since: string;
  readonly detail: string;
  /** kind of trouble without addresses or names, fit for everybody */
  readonly reason?: string;
}

/** The worst component decides the status of the whole. */
export interface HealthReport {
  readonly status: ComponentStatus;
  readonly networkTime: string;
  readonly components: readonly ComponentHealth[];
}

const BADNESS: Record<ComponentStatus, number> = { up: 0, degraded: 1, down: 2 };

/** Keeps the last word of every component; `since` moves only when the status changes. */
export class Health {
  readonly #components = new Map<string, ComponentHealth>();
  readonly #wall: Clock;
  readonly #network: Clock;

  constructor(wall: Clock, network: Clock) {
    this.#wall = wall;
    this.#network = network;
  }

  /** Records what a component says of itself; `reason` is shown to those not signed in too. */
  set(name: string, status: ComponentStatus, detail: string, reason?: string): void {
    const before = this.#components.get(name);
    const since =
      before?.status === status ? before.since : new Date(this.#wall.now()).toISOString();
    const said = reason === undefined ? {} : { reason };
    this.#components.set(name, { name, status, since, detail, ...said });
  }

  report(): HealthReport {
    const components = [...this.#components.values()].sort((a, b) => a.name.localeCompare(b.name));
    let status: ComponentStatus = 'up';
    for (const each of components) if (BADNESS[each.status] > BADNESS[status]) status = each.status;
    return { status, networkTime: new Date(this.#network.now()).toISOString(), components };
  }
}
