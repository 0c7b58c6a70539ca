import { describe, expect, it } from 'vitest';
import { createCorrelate } from '../../src/correlate/correlate.js';
import type { OperatorAct } from '../../src/domain/facts.js';
import type { Incident } from '../../src/domain/incident.js';
import {
  cleared,
  LANE,
  loadRules,
  MINUTE,
  network,
  observed,
  raised,
  T0,
} from './small-network.js';

const ROWS = network({ aggregations: 1, fibresPerAggregation: 3, sitesPerFibre: 8 });
const DOWN = { kind: 'zeroTraffic', startedAtMs: T0 } as const;
const CELLS = ROWS.cells.filter(({ siteId }) => siteId === 'S1').map(({ cellId }) => cellId);
const RULES = loadRules();

/** One site that failed for an hour, and what was said of it so far. */
class Line {
  stage = createCorrelate(ROWS, RULES, [LANE]);
  readonly seen: string[] = [];
  now: Incident | undefined;
  readonly #isRestarted: boolean;
  #acts = 0;

  constructor(isRestarted = false) {
    this.#isRestarted = isRestarted;
    this.stage.detected(observed(ROWS));
    this.stage.detected(CELLS.map((cell) => raised(cell, DOWN)));
    this.stage.detected(CELLS.map((cell) => cleared(cell, DOWN, T0 + 60 * MINUTE)));
  }

  until(minutes: number): this {
    for (const { incident, events } of this.stage.advance(T0 + minutes * MINUTE).changes) {
      this.now = incident;
      this.seen.push(...events.map(({ kind, reason }) => `${kind}: ${reason}`));
    }
    if (!this.#isRestarted) return this;
    const state = this.stage.snapshot();
    this.stage = createCorrelate(ROWS, RULES, [LANE]);
    this.stage.restore(state);
    return this;
  }

  says(minutes: number, subscriberId: number, more: Partial<OperatorAct> = {}): this {
    this.#acts++;
    const act: OperatorAct = {
      actId: `act-${this.#acts}`,
      at: new Date(T0 + minutes * MINUTE).toISOString(),
      actor: 'Zoé',
      why: 'the caller says: stillDown',
      action: 'agentAnswer',
      answer: 'stillDown',
      subscriberId,
      cells: CELLS.slice(0, 1),
      ...(this.now === undefined ? {} : { incidentId: this.now.id }),
      ...more,
    };
    this.stage.acts([act]);
    return this.until(minutes + 1);
  }

  get state(): string | undefined {
    return this.now?.state;
  }
}

/** Resolved, and not yet closed. */
function resolvedLine(isRestarted = false): Line {
  const line = new Line(isRestarted).until(110);
  expect(line.state).toBe('resolved');
  return line;
}

describe('callers for whom it is still down', () => {
  it.each([false, true])(
    'take a resolved incident up again over their cells, restarted: %s',
    (isRestarted) => {
      const line = resolvedLine(isRestarted).says(112, 1).says(114, 2);
      expect(line.state).toBe('resolved');
      line.says(116, 3);
      expect(line.now).toMatchObject({ state: 'recovering', endedAt: null });
      expect(line.now?.cells.map(({ cellId }) => cellId)).toEqual(CELLS.slice(0, 1));
      expect(line.seen.at(-1)).toBe('reopened: 3 callers say that it is still down, at 1 cell');
    },
  );

  it('hold it for as long as their answers count, after which it ends by itself', () => {
    const line = resolvedLine().says(112, 1).says(114, 2).says(116, 3);
    expect(line.until(170).state).toBe('recovering');
    expect(line.until(240).state).toBe('resolved');
  });

  it('keep one that is recovering from being resolved', () => {
    const line = new Line();
    for (let minutes = 60; line.state !== 'recovering'; minutes++) line.until(minutes);
    for (const person of [1, 2, 3]) line.says(90 + person, person);
    expect(line.until(140).state).toBe('recovering');
  });

  it.each([
    ['one person who calls often', () => ({ subscriberId: 1 })],
    ['people elsewhere', () => ({ cells: ['S9-1'] })],
    ['people who speak of no incident', () => ({ incidentId: 'inc_other' })],
  ])('change nothing when they are %s', (_, more) => {
    const line = resolvedLine();
    for (const person of [1, 2, 3, 4]) line.says(111 + person, person, more());
    expect(line.state).toBe('resolved');
  });

  it('change nothing any more once an answer is taken back', () => {
    const line = resolvedLine().says(112, 1).says(114, 2);
    line.says(115, 2, { action: 'undoAnswer', undoes: 'act-2' }).says(116, 3);
    expect(line.state).toBe('resolved');
  });
});
