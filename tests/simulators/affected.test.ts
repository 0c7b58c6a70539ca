import { describe, expect, it } from 'vitest';
import { buildFault } from '../../simulators/faults/build-fault.js';
import type { Fault, FaultKind, FaultSpec } from '../../simulators/faults/types.js';
import { type AffectedSpell, AffectedTruth } from '../../simulators/population/affected.js';
import { canUse } from '../../simulators/population/devices.js';
import { ServiceTruth } from '../../simulators/population/service.js';
import { createWorld } from '../../simulators/world.js';

const HOUR = 3_600_000;
const QUARTER = 900_000;
const AT = Date.UTC(2026, 4, 6, 7, 4);
const END = AT + 4 * HOUR;
const world = createWorld({ seed: 5, sites: 40, subscribers: 3_000 });

function build(kind: FaultKind, given: Partial<FaultSpec> = {}): Fault {
  const spec = { kind, fromMs: AT, durationMs: 90 * 60_000, ...given };
  return buildFault(world.network, 5, 'I1', spec);
}

function serviceOf(faults: readonly Fault[]): ServiceTruth {
  const effects = faults.flatMap((fault) => fault.effects);
  return new ServiceTruth(world, () => effects);
}

function spellsOf(faults: readonly Fault[]): AffectedSpell[] {
  const truth = new AffectedTruth(world, serviceOf(faults), faults);
  const spells: AffectedSpell[] = [];
  const startMs = Math.floor(AT / QUARTER) * QUARTER;
  for (let ms = startMs; ms < END; ms += QUARTER) spells.push(...truth.advance(ms, ms + QUARTER));
  return [...spells, ...truth.finish(END)];
}

describe('who is truly affected', () => {
  const cut = build('transportCut', { where: 'Rennes' });
  const spells = spellsOf([cut]);

  it('is whoever is at a lost cell at any moment, and nobody else', () => {
    const service = serviceOf([cut]);
    for (const ms of [AT - 1, AT, AT + 20 * 60_000, AT + HOUR, AT + 90 * 60_000, AT + 2 * HOUR]) {
      const told = new Set(
        spells.filter(({ fromMs, toMs }) => fromMs <= ms && toMs > ms).map((s) => s.subscriber),
      );
      const hit = Array.from({ length: world.people.size }, (_, i) => i).filter(
        (i) => service.lossAt(i, ms).service !== 'full',
      );
      expect([...told].sort((a, b) => a - b)).toEqual(hit);
    }
  });

  it('comes and goes with people: some arrive later, some leave before the repair', () => {
    const endMs = AT + 90 * 60_000;
    expect(spells.filter(({ fromMs }) => fromMs === AT).length).toBeGreaterThan(50);
    expect(spells.filter(({ fromMs }) => fromMs > AT).length).toBeGreaterThan(10);
    expect(spells.filter(({ toMs }) => toMs < endMs).length).toBeGreaterThan(10);
    expect(Math.max(...spells.map(({ toMs }) => toMs))).toBe(endMs);
    expect(new Set(spells.map(({ incidentId }) => incidentId))).toEqual(new Set(['I1']));
  });

  it('says what was lost: everything, little where a neighbour caught the phone, data in a crowd', () => {
    const none = spells.filter(({ service }) => service === 'none');
    expect(none.length).toBeGreaterThan(0);
    expect(none.every(({ lost }) => lost.voice === 1 && lost.data === 1 && lost.sms === 1)).toBe(
      true,
    );
    const sector = spellsOf([build('sectorFailure')]);
    const caught = sector.filter(({ service }) => service === 'degraded');
    expect(caught.length).toBeGreaterThan(0);
    expect(caught.every(({ lost }) => lost.sms < 0.5 && lost.data > 0.1)).toBe(true);
    expect(caught.filter(({ lost }) => lost.voice === 0).length).toBeGreaterThan(0);
    const crowd = spellsOf([build('congestion', { where: 'Rennes', durationMs: 3 * HOUR })]);
    expect(crowd.length).toBeGreaterThan(20);
    expect(crowd.every(({ lost }) => lost.voice === 0 && lost.data > 0)).toBe(true);
  });

  it('keeps its fault’s name where it is no incident, and each part of a storm its own', () => {
    const works = build('plannedWorks', { where: 'Rennes', plannedMs: 60 * 60_000 });
    const ids = spellsOf([works]).map(({ incidentId }) => incidentId);
    expect(new Set(ids)).toEqual(new Set(['I1']));
    const storm = spellsOf([build('storm', { durationMs: 3 * HOUR })]);
    expect(new Set(storm.map(({ incidentId }) => incidentId)).size).toBeGreaterThan(1);
  });

  it('is nobody while telemetry alone is lost', () => {
    expect(spellsOf([build('telemetryGap')])).toEqual([]);
  });
});

describe('cells that overlap', () => {
  const { movement, network, people } = world;
  const service = (cells: readonly number[]) =>
    new ServiceTruth(world, () => [{ fromMs: AT, toMs: END, cells, isOut: true }]);
  const at = new Map<number, number[]>();
  for (let i = 0; i < people.size; i++) {
    const cell = movement.cellAt(i, AT);
    at.set(cell, [...(at.get(cell) ?? []), i]);
  }
  const caughtOf = (cells: readonly number[], cell: number): Set<number> => {
    const truth = service(cells);
    return new Set(at.get(cell)?.filter((i) => truth.lossAt(i, AT).service === 'degraded'));
  };

  it('catch more of a lost cell the more of its neighbours are well, and none when all are lost', () => {
    let caught = 0;
    for (const cell of network.cells.filter(({ index }) => index % 7 === 0)) {
      const around = cell.neighbours.map((each) => each.cell);
      const alone = caughtOf([cell.index], cell.index);
      const half = caughtOf([cell.index, ...around.slice(0, 3)], cell.index);
      caught += alone.size;
      for (const person of half) expect(alone.has(person)).toBe(true);
      const all = network.cells.map(({ index }) => index);
      expect(caughtOf(all, cell.index).size).toBe(0);
    }
    expect(caught).toBeGreaterThan(50);
  });

  it('serve nobody whose device cannot use them', () => {
    const dead = network.cells.filter(({ index }) => index % 3 === 0).map(({ index }) => index);
    const truth = service(dead);
    for (let i = 0; i < people.size; i++) {
      const serving = truth.servingCell(i, AT);
      if (serving < 0 || !dead.includes(movement.cellAt(i, AT))) continue;
      expect(canUse(people.device[i] ?? 0, network.cells[serving]?.layer ?? 'L800')).toBe(true);
    }
  });
});
