import { describe, expect, it } from 'vitest';
import {
  AlarmBook,
  alarmNats,
  isServiceAffecting,
  opensAlone,
} from '../../src/correlate/alarm-book.js';
import { ResourceSpace } from '../../src/correlate/resource-space.js';
import type { Alarm } from '../../src/domain/alarm.js';
import { TopologyView } from '../../src/domain/topology.js';
import { loadRules, network, T0 } from './small-network.js';

const TOPOLOGY = new TopologyView(
  network({ aggregations: 1, fibresPerAggregation: 1, sitesPerFibre: 2 }),
);
const RULES = loadRules();

function alarm(more: Partial<Alarm> = {}): Alarm {
  return {
    alarmId: 'A1',
    objectType: 'site',
    objectId: 'S1',
    alarmType: 'equipmentAlarm',
    perceivedSeverity: 'critical',
    probableCause: 'equipmentMalfunction',
    specificProblem: 'Fan failed',
    alarmRaisedTime: new Date(T0).toISOString(),
    ...more,
  };
}

function book() {
  const space = new ResourceSpace(TOPOLOGY);
  const alarms = new AlarmBook(space);
  return { alarms, site: space.resolve('site', 'S1') };
}

describe('X.733 clearing', () => {
  it.each<[string, Partial<Alarm>, boolean]>([
    ['the same type, cause and problem', {}, true],
    [
      'no specific problem: all problems of the cause',
      { specificProblem: undefined as never },
      true,
    ],
    ['another specific problem', { specificProblem: 'Door open' }, false],
    ['another probable cause', { probableCause: 'powerProblem' }, false],
    ['another type', { alarmType: 'environmentalAlarm' }, false],
    ['no type', { alarmType: undefined as never }, true],
    ['another object', { objectId: 'S0' }, false],
  ])('with %s', (_, more, isCleared) => {
    const { alarms, site } = book();
    alarms.raise(alarm(), T0);
    const { specificProblem, alarmType, ...rest } = alarm({
      alarmId: 'other',
      ...more,
      perceivedSeverity: 'cleared',
    });
    const clear: Alarm = {
      ...rest,
      ...(specificProblem === undefined ? {} : { specificProblem }),
      ...(alarmType === undefined ? {} : { alarmType }),
    };
    const ended = alarms.clear(clear, T0 + 1000);
    expect(ended.map(({ clearedAtMs }) => clearedAtMs)).toEqual(isCleared ? [T0 + 1000] : []);
    expect(alarms.of(site)).toHaveLength(isCleared ? 0 : 1);
  });

  it('clears every problem of the cause at once', () => {
    const { alarms, site } = book();
    alarms.raise(alarm(), T0);
    alarms.raise(alarm({ alarmId: 'A2', specificProblem: 'Door open' }), T0);
    expect(alarms.of(site)).toHaveLength(2);
    const { specificProblem: _, ...all } = alarm({ perceivedSeverity: 'cleared' });
    expect(alarms.clear(all, T0)).toHaveLength(2);
  });

  it('takes a change of severity for the same alarm, raised when it first was', () => {
    const { alarms, site } = book();
    alarms.raise(alarm({ perceivedSeverity: 'minor' }), T0);
    alarms.raise(alarm({ alarmId: 'A9' }), T0 + 60_000);
    expect(alarms.of(site)).toMatchObject([
      { alarmId: 'A9', severity: 'critical', raisedAtMs: T0 },
    ]);
  });

  it('is not cleared by a clear of nothing', () => {
    expect(book().alarms.clear(alarm({ perceivedSeverity: 'cleared' }), T0)).toEqual([]);
  });
});

describe('what an alarm is worth', () => {
  const active = (more: Partial<Alarm>) => {
    const { alarms, site } = book();
    alarms.raise(alarm(more), T0);
    const [it] = alarms.of(site);
    if (it === undefined) throw new Error('not raised');
    return it;
  };

  it.each<[Partial<Alarm>, boolean, boolean]>([
    [{ perceivedSeverity: 'critical' }, true, true],
    [{ perceivedSeverity: 'critical', serviceAffecting: false }, false, false],
    [{ perceivedSeverity: 'critical', specificProblem: 'LICENCE EXPIRED' }, true, false],
    [{ perceivedSeverity: 'major' }, true, false],
    [{ perceivedSeverity: 'minor', serviceAffecting: true }, false, false],
    [{ perceivedSeverity: 'warning' }, false, false],
    [{ perceivedSeverity: 'indeterminate' }, false, false],
  ])('%o: service affecting %s, opens alone %s', (more, isAffecting, opens) => {
    expect(isServiceAffecting(active(more))).toBe(isAffecting);
    expect(opensAlone(active(more), RULES)).toBe(opens);
  });

  it('falls from critical to warning', () => {
    const nats = (['critical', 'major', 'minor', 'warning'] as const).map((perceivedSeverity) =>
      alarmNats(active({ perceivedSeverity }), RULES),
    );
    expect(nats).toEqual([...nats].sort((a, b) => b - a));
    expect(alarmNats(active({ serviceAffecting: false }), RULES)).toBe(RULES.alarms.nats.minor);
  });
});
