import type { Fault } from '../faults/types.js';
import { PERIOD_MS } from '../telemetry/calendar.js';
import type { World } from '../world.js';
import type { ServiceShares, ServiceTruth } from './service.js';

/** A spell in which one subscriber was truly affected by one fault, at one cell, in one way. */
export interface AffectedSpell {
  /** of truth.csv; the fault's own id where it is no incident, such as a crowd or announced works */
  readonly incidentId: string;
  readonly subscriber: number;
  /** the cell that would serve the phone */
  readonly cell: number;
  readonly service: 'degraded' | 'none';
  /** mean share lost of each service over the spell, in [0,1] */
  readonly lost: ServiceShares;
  readonly fromMs: number;
  readonly toMs: number;
}

interface Running {
  readonly incidentId: string;
  readonly cell: number;
  readonly service: 'degraded' | 'none';
  readonly fromMs: number;
  voice: number;
  data: number;
  sms: number;
  ms: number;
}

/** What stands behind a cell's loss at a moment: the incident, or the fault that is none. */
function labelOf(faults: readonly Fault[], cell: number, atMs: number): string | undefined {
  for (const { id, effects, truth } of faults) {
    const hits = ({ fromMs, toMs }: { fromMs: number; toMs: number }): boolean =>
      fromMs <= atMs && toMs > atMs;
    const acts = effects.some((effect) => hits(effect) && effect.cells.includes(cell));
    if (!acts) continue;
    const named = truth.find(({ cells }) => cells.some((each) => each.cell === cell && hits(each)));
    return named?.incidentId ?? id;
  }
  return undefined;
}

/** Moments at which anything may change between two times: quarter hours and ends of effects. */
function momentsBetween(faults: readonly Fault[], fromMs: number, toMs: number): number[] {
  const moments = new Set<number>([fromMs]);
  const next = (Math.floor(fromMs / PERIOD_MS) + 1) * PERIOD_MS;
  for (let ms = next; ms < toMs; ms += PERIOD_MS) moments.add(ms);
  for (const effect of faults.flatMap(({ effects }) => effects)) {
    for (const ms of [effect.fromMs, effect.toMs]) if (ms > fromMs && ms < toMs) moments.add(ms);
  }
  return [...moments].sort((a, b) => a - b);
}

/**
 * Who is truly affected, from when to when, and what they lost: where movement has people and how
 * the cells serve there. Time is given piece by piece, in order and without holes.
 */
export class AffectedTruth {
  readonly #world: World;
  readonly #service: ServiceTruth;
  readonly #faults: readonly Fault[];
  readonly #running = new Map<number, Running>();

  constructor(world: World, service: ServiceTruth, faults: readonly Fault[]) {
    this.#world = world;
    this.#service = service;
    this.#faults = faults;
  }

  /** Goes on to `toMs`. @returns the spells that ended, in order of their end */
  advance(fromMs: number, toMs: number): AffectedSpell[] {
    const ended: AffectedSpell[] = [];
    const moments = momentsBetween(this.#faults, fromMs, toMs);
    moments.forEach((ms, at) => {
      this.#step(ms, moments[at + 1] ?? toMs, ended);
    });
    return ended;
  }

  /** Ends what still runs. */
  finish(atMs: number): AffectedSpell[] {
    const ended: AffectedSpell[] = [];
    for (const subscriber of this.#running.keys()) this.#end(subscriber, atMs, ended);
    return ended;
  }

  #step(fromMs: number, toMs: number, ended: AffectedSpell[]): void {
    if (!this.#service.isAnyLost(fromMs)) {
      ended.push(...this.finish(fromMs));
      return;
    }
    const labels = new Map<number, string | undefined>();
    const { movement, people } = this.#world;
    for (let i = 0; i < people.size; i++) {
      const cell = movement.cellAt(i, fromMs);
      const { service, lost } = this.#service.lossAt(i, fromMs);
      if (service === 'full') {
        this.#end(i, fromMs, ended);
        continue;
      }
      if (!labels.has(cell)) labels.set(cell, labelOf(this.#faults, cell, fromMs));
      const incidentId = labels.get(cell) ?? '';
      const running = this.#runningOn(i, { incidentId, cell, service }, fromMs, ended);
      const ms = toMs - fromMs;
      running.ms += ms;
      running.voice += lost.voice * ms;
      running.data += lost.data * ms;
      running.sms += lost.sms * ms;
    }
  }

  #runningOn(
    subscriber: number,
    now: Pick<Running, 'incidentId' | 'cell' | 'service'>,
    fromMs: number,
    ended: AffectedSpell[],
  ): Running {
    const running = this.#running.get(subscriber);
    const isSame =
      running !== undefined &&
      running.incidentId === now.incidentId &&
      running.cell === now.cell &&
      running.service === now.service;
    if (isSame) return running;
    this.#end(subscriber, fromMs, ended);
    const { incidentId, cell, service } = now;
    const fresh = { incidentId, cell, service, fromMs, voice: 0, data: 0, sms: 0, ms: 0 };
    this.#running.set(subscriber, fresh);
    return fresh;
  }

  #end(subscriber: number, atMs: number, ended: AffectedSpell[]): void {
    const running = this.#running.get(subscriber);
    if (running === undefined) return;
    this.#running.delete(subscriber);
    const { incidentId, cell, service, fromMs, ms } = running;
    const mean = (sum: number): number => (ms > 0 ? sum / ms : 0);
    const lost = { voice: mean(running.voice), data: mean(running.data), sms: mean(running.sms) };
    ended.push({ incidentId, subscriber, cell, service, lost, fromMs, toMs: atMs });
  }
}
