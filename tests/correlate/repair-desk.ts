import { type CorrelateOptions, createCorrelate } from '../../src/correlate/correlate.js';
import type { OperatorAct } from '../../src/domain/facts.js';
import type { Incident } from '../../src/domain/incident.js';
import {
  alarm,
  cleared,
  clearOf,
  LANE,
  loadRules,
  MINUTE,
  network,
  observed,
  raised,
  T0,
} from './small-network.js';

export const HOUR = 60 * MINUTE;
export const ROWS = network({ aggregations: 1, fibresPerAggregation: 2, sitesPerFibre: 4 });
export const RULES = { ...loadRules(), repair: { ...loadRules().repair, minPast: 20 } };
/** From one incident of the past to the next. */
export const EVERY = 12 * HOUR;

function cellsOf(site: string): string[] {
  return ROWS.cells.filter(({ siteId }) => siteId === site).map(({ cellId }) => cellId);
}

function down(startedAtMs: number) {
  return { kind: 'zeroTraffic', startedAtMs } as const;
}

/** A stage and what it said last of each incident. */
export class Desk {
  stage;
  readonly #options: CorrelateOptions;
  readonly said = new Map<string, Incident>();
  readonly events: string[] = [];
  revisions = 0;
  #nowMs = T0 - HOUR;

  constructor(options: CorrelateOptions = {}) {
    this.#options = options;
    this.stage = createCorrelate(ROWS, RULES, [LANE], options);
    this.stage.detected(observed(ROWS));
  }

  advance(untilMs: number, stepMs = 10 * MINUTE): void {
    while (this.#nowMs < untilMs) {
      this.#nowMs = Math.min(untilMs, this.#nowMs + stepMs);
      const nowMs = this.#nowMs;
      for (const { incident, events } of this.stage.advance(nowMs).changes) {
        this.said.set(incident.id, incident);
        for (const { kind, reason } of events) this.events.push(`${kind}: ${reason}`);
        this.revisions++;
      }
    }
  }

  /** One site after another is down, for 2 hours at the median. */
  livePast(count: number): void {
    for (let i = 0; i < count; i++) {
      const downMs = T0 + i * EVERY;
      const endMs = downMs + 2 * HOUR * 2 ** (((i * 7) % 11) / 5 - 1);
      this.fail('S3', downMs);
      this.stage.alarms([clearOf(alarm('site', 'S3', downMs), endMs)]);
      this.stage.detected(cellsOf('S3').map((cell) => cleared(cell, down(downMs), endMs)));
      this.advance(downMs + EVERY - MINUTE);
    }
  }

  fail(site: string, atMs: number): void {
    this.stage.alarms([alarm('site', site, atMs)]);
    this.stage.detected(cellsOf(site).map((cell) => raised(cell, down(atMs))));
    this.advance(atMs + 10 * MINUTE);
  }

  /** All sites of a fibre are down. */
  cut(fibre: string, atMs: number): void {
    const sites = ROWS.links.filter(({ linkId }) => linkId === fibre);
    for (const { childId } of sites) {
      this.stage.alarms([alarm('site', childId, atMs)]);
      this.stage.detected(cellsOf(childId).map((cell) => raised(cell, down(atMs))));
    }
    this.advance(atMs + 10 * MINUTE);
  }

  restart(): void {
    const state = this.stage.snapshot();
    this.stage = createCorrelate(ROWS, RULES, [LANE], this.#options);
    this.stage.restore(state);
  }

  get last(): Incident | undefined {
    return [...this.said.values()].at(-1);
  }
}

/** An operator's word. */
export function setRepair(
  incidentId: string,
  atMs: number,
  repairMs: number,
  ticketId?: string,
): OperatorAct {
  return {
    actId: `act-${atMs}`,
    at: new Date(atMs).toISOString(),
    actor: 'ana',
    why: 'crew called',
    action: 'setRepair',
    incidentId,
    value: new Date(repairMs).toISOString(),
    ...(ticketId === undefined ? {} : { ticketId }),
  };
}
