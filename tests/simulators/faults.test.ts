import { describe, expect, it } from 'vitest';
import { buildFault } from '../../simulators/faults/build-fault.js';
import { FAULT_KINDS, type FaultKind, type FaultSpec } from '../../simulators/faults/types.js';
import { createNetwork } from '../../simulators/network.js';
import { ServiceTruth } from '../../simulators/population/service.js';
import { createWorld } from '../../simulators/world.js';
import { complaints } from '../../src/adapters/rules/complaints.js';
import { Alarm } from '../../src/domain/alarm.js';
import { TopologyView } from '../../src/domain/topology.js';

const AT = Date.UTC(2026, 4, 6, 10);
const HOUR = 3_600_000;
const network = createNetwork({ seed: 5, sites: 60, cells: 240 });
const view = new TopologyView(network.rows);

function build(kind: FaultKind, more: Partial<FaultSpec> = {}) {
  return buildFault(network, 5, `F-${kind}`, { kind, fromMs: AT, durationMs: 3 * HOUR, ...more });
}

const NO_INCIDENT: readonly FaultKind[] = ['congestion', 'telemetryGap', 'plannedWorks'];

describe('simulated faults', () => {
  it.each(FAULT_KINDS)('%s is the same each time and has alarms that fit the schema', (kind) => {
    const fault = build(kind);
    expect(build(kind)).toEqual(fault);
    for (const { alarm } of fault.alarms) expect(complaints(Alarm, alarm)).toEqual([]);
    const times = fault.alarms.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it.each(FAULT_KINDS)('%s clears every alarm it raises, after raising it', (kind) => {
    const open = new Set<string>();
    for (const { alarm } of build(kind).alarms) {
      if (alarm.perceivedSeverity === 'cleared') expect(open.delete(alarm.alarmId)).toBe(true);
      else open.add(alarm.alarmId);
    }
    expect(open.size).toBe(0);
  });

  it.each(FAULT_KINDS)('%s raises alarms only on objects of the inventory', (kind) => {
    for (const { alarm } of build(kind).alarms) {
      expect(view.find(alarm.objectType ?? 'cell', alarm.objectId)).toBeGreaterThanOrEqual(0);
    }
  });

  it.each(FAULT_KINDS.filter((kind) => !NO_INCIDENT.includes(kind)))(
    '%s names a cause that is a resource over the cells it hurts',
    (kind) => {
      const { truth } = build(kind);
      expect(truth.length).toBeGreaterThan(0);
      for (const { causeKind, causeId, cells } of truth) {
        const resource = view.findAny(causeId);
        expect(view.kindOf(resource)).toBe(causeKind);
        const under = [...view.cellsUnder(resource)].map((cell) => view.idOf(cell));
        const hurt = cells.map(({ cell }) => network.cells[cell]?.cellId ?? '');
        expect([...hurt].sort()).toEqual([...under].sort());
      }
    },
  );

  it.each(NO_INCIDENT)('%s is no incident', (kind) => {
    expect(build(kind).truth).toEqual([]);
    expect(build(kind).effects.length).toBeGreaterThan(0);
  });

  it('calls what planned works overrun an incident from their announced end on', () => {
    const { truth, works } = build('plannedWorks', { plannedMs: HOUR });
    expect(works[0]).toMatchObject({ startsAtMs: AT - 600_000, endsAtMs: AT + HOUR });
    expect(truth[0]?.cells[0]).toMatchObject({ fromMs: AT + HOUR, toMs: AT + 3 * HOUR });
  });

  it('leaves out alarms when told to', () => {
    expect(build('transportCut', { alarms: 0 }).alarms).toEqual([]);
    expect(build('transportCut').alarms.length).toBeGreaterThan(2);
  });

  it('hits what `where` names and refuses what is not there', () => {
    const fibre = network.fibres[3]?.id ?? '';
    expect(build('transportCut', { where: fibre }).truth[0]?.causeId).toBe(fibre);
    const rennes = build('sitePower', { where: 'Rennes' }).truth[0]?.causeId;
    expect(rennes).toMatch(/^BZH-REN-/);
    for (const kind of ['sitePower', 'transportCut', 'softwareRelease', 'telemetryGap'] as const) {
      expect(() => build(kind, { where: 'Paris' })).toThrow(/where was "Paris", allowed: /);
    }
  });

  it('lets some of a dead cell be caught by neighbours and the rest be without', () => {
    const world = createWorld({ seed: 1, sites: 60, subscribers: 8_000 });
    const fault = buildFault(world.network, 1, 'I1', {
      ...{ kind: 'sitePower', where: 'REN', fromMs: AT, durationMs: 2 * HOUR },
    });
    const service = new ServiceTruth(world, () => fault.effects);
    const during = AT + HOUR;
    const dead = new Set(
      world.network.cells
        .map(({ index }) => index)
        .filter((c) => service.cellLoss(c, during) === 1),
    );
    const hit = [...world.people.home.keys()].filter((i) =>
      dead.has(world.movement.cellAt(i, during)),
    );
    const without = hit.filter((i) => service.lossAt(i, during).service === 'none');
    expect(hit.length).toBeGreaterThan(100);
    expect(without.length).toBeGreaterThan(10);
    expect(without.length).toBeLessThan(hit.length - 10);
    expect(service.isAnyLost(AT - 1)).toBe(false);
    for (const i of hit) {
      const serving = service.servingCell(i, during);
      expect(serving === -1).toBe(service.lossAt(i, during).service === 'none');
      expect(dead.has(serving)).toBe(false);
    }
  });
});
