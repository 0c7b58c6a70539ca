import { expect, test } from 'vitest';
import { routeFacts } from '../../../src/adapters/postgres/route-facts.js';
import type { Fact } from '../../../src/domain/facts.js';
import { shardOf } from '../../../src/domain/ids.js';
import { ReportBlockBuilder } from '../../../src/domain/report-block.js';

function reports(objectIds: readonly string[], kpis = ['a', 'b'], first = 0): Fact {
  const builder = new ReportBlockBuilder({
    feed: 'ran',
    objectType: 'cell',
    periodSeconds: 900,
    kpis,
  });
  for (const [place, id] of objectIds.entries()) {
    const row = builder.addRow(id, 1000 + first + place);
    for (let kpi = 0; kpi < kpis.length; kpi++)
      builder.set(row, kpi, (first + place) * 10 + kpi, 5);
  }
  return { kind: 'reports', block: builder.finish() };
}

const valuesOf = (fact: Fact | undefined) =>
  fact?.kind === 'reports' ? fact.block.values : undefined;
const ids = (count: number, from = 0) => Array.from({ length: count }, (_, n) => `c${from + n}`);
const tick: Fact = { kind: 'tick', nowMs: 1 };

test('every report goes to the shard of its object, with its own values, in order', () => {
  const given = reports(ids(50));
  const routed = routeFacts([given], 4);
  const rows = routed.flatMap(({ stream, facts }) =>
    facts.flatMap((fact) => {
      if (fact.kind !== 'reports') return [];
      const { block } = fact;
      return block.objectIds.map((id, row) => {
        expect(stream).toBe(`telemetry/${shardOf(id, 4)}`);
        return [id, block.periodStartMs[row], block.values[row * 2], block.values[row * 2 + 1]];
      });
    }),
  );
  const expected = ids(50).map((id, n) => [id, 1000 + n, n * 10, n * 10 + 1]);
  expect(rows.sort((a, b) => Number(a[1]) - Number(b[1]))).toEqual(expected);
});

test('a tick reaches every stream and keeps its place between reports', () => {
  const routed = routeFacts([reports(['c1']), tick, reports(['c1'])], 1);
  const kindsOf = (stream: string) =>
    routed.find((each) => each.stream === stream)?.facts.map(({ kind }) => kind);
  expect(kindsOf('telemetry/0')).toEqual(['reports', 'tick', 'reports']);
  expect(kindsOf('control')).toEqual(['tick']);
  expect(kindsOf('presence')).toEqual(['tick']);
});

test('small pushes of one shape become one fact', () => {
  const pushes = Array.from({ length: 100 }, (_, n) => reports([`c${n}`], ['a', 'b'], n));
  expect(routeFacts(pushes, 1)).toEqual([{ stream: 'telemetry/0', facts: [reports(ids(100))] }]);
});

test('pushes of different shapes stay apart', () => {
  const [routed] = routeFacts([reports(['c1'], ['a']), reports(['c1'], ['b'])], 1);
  expect(routed?.facts).toEqual([reports(['c1'], ['a']), reports(['c1'], ['b'])]);
});

test('a huge block is cut without losing a row', () => {
  const [routed] = routeFacts([reports(ids(40_000), ['a'])], 1);
  const blocks = (routed?.facts ?? []).flatMap((fact) =>
    fact.kind === 'reports' ? [fact.block] : [],
  );
  expect(blocks.map(({ rows }) => rows)).toEqual([16_384, 16_384, 7232]);
  expect(blocks.flatMap(({ objectIds }) => objectIds)).toEqual(ids(40_000));
  expect(blocks[2]?.values.at(-1)).toBe(399_990);
});

test('alarms, calls and acts go to control, sightings to presence', () => {
  const alarm = { alarmId: 'a' } as never;
  const facts: Fact[] = [
    { kind: 'alarms', items: [alarm] },
    { kind: 'alarms', items: [alarm] },
    { kind: 'presence', items: [] },
    { kind: 'calls', items: [] },
    { kind: 'acts', items: [] },
  ];
  expect(
    routeFacts(facts, 2).map(({ stream, facts: own }) => [stream, own.map((f) => f.kind)]),
  ).toEqual([
    ['control', ['alarms', 'calls', 'acts']],
    ['presence', ['presence']],
  ]);
});

test('large pushes are passed on as they are, small ones after them are gathered anew', () => {
  const [first, second] = [reports(ids(3000)), reports(ids(2500))];
  const small = [reports(ids(2)), reports(ids(2, 2), ['a', 'b'], 2)];
  const [routed] = routeFacts([first, second, ...small], 1);
  expect(routed?.facts).toEqual([first, second, reports(ids(4))]);
  expect(valuesOf(routed?.facts[0])).toBe(valuesOf(first));
});
