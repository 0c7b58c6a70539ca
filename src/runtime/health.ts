import type { Clock } from './clock.js';

export type ComponentStatus = 'up' | 'degraded' | 'down';

/** One thing the service stands on or does, as `/health` shows it. */
export interface ComponentHealth {
  readonly name: string;
  readonly status: ComponentStatus;
  /** since when it has had this status, ISO 8601 */
  readonly since: string;
  readonly detail: string;
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

  /** Records what a component says of itself. */
  set(name: string, status: ComponentStatus, detail: string): void {
    const before = this.#components.get(name);
    const since =
      before?.status === status ? before.since : new Date(this.#wall.now()).toISOString();
    this.#components.set(name, { name, status, since, detail });
  }

  report(): HealthReport {
    const components = [...this.#components.values()].sort((a, b) => a.name.localeCompare(b.name));
    let status: ComponentStatus = 'up';
    for (const each of components) if (BADNESS[each.status] > BADNESS[status]) status = each.status;
    return { status, networkTime: new Date(this.#network.now()).toISOString(), components };
  }
}
