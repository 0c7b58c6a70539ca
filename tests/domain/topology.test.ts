import { describe, expect, it } from 'vitest';
import { TopologyView } from '../../src/domain/topology.js';
import type { TopologyRows } from '../../src/domain/topology-rows.js';

const ROWS: TopologyRows = {
  sites: [
    { siteId: 'S1', lat: 48, lon: -3 },
    { siteId: 'S2', lat: 48.1, lon: -3 },
  ],
  cells: [
    { cellId: 'C1', siteId: 'S1', azimuth: 0, vendor: 'V', version: '21' },
    { cellId: 'C2', siteId: 'S1', azimuth: 0, vendor: 'V', version: '21' },
    { cellId: 'C3', siteId: 'S1', azimuth: 120, vendor: 'V', version: '22' },
    { cellId: 'C4', siteId: 'S2', version: '22' },
  ],
  links: [
    { linkId: 'FIB', parentId: 'AGG', childId: 'S1', kind: 'transport' },
    { linkId: 'FIB', parentId: 'AGG', childId: 'S2', kind: 'transport' },
    { linkId: 'TRK', parentId: 'CORE', childId: 'AGG', kind: 'aggregation' },
    { linkId: 'MAINS', parentId: 'ZONE', childId: 'S1', kind: 'power' },
  ],
  neighbours: [
    { cellId: 'C1', neighbourId: 'C4', weight: 0.5 },
    { cellId: 'C1', neighbourId: 'C3' },
  ],
  works: [{ workId: 'W', resourceId: 'FIB', startsAtMs: 1000, endsAtMs: 2000 }],
};

function ids(view: TopologyView, resources: Iterable<number>): string[] {
  return [...resources].map((each) => view.idOf(each)).sort();
}

describe('TopologyView', () => {
  const view = new TopologyView(ROWS);

  it('knows everything a cell depends on', () => {
    const cell = view.find('cell', 'C1');
    expect(ids(view, view.ancestorsOf(cell))).toEqual(
      ['AGG', 'CORE', 'FIB', 'MAINS', 'S1', 'S1/0', 'TRK', 'V 21', 'ZONE'].sort(),
    );
    expect(ids(view, view.ancestorsOf(view.find('cell', 'C4')))).toEqual(
      ['22', 'AGG', 'CORE', 'FIB', 'S2', 'TRK'].sort(),
    );
  });

  it('knows the cells under a resource, a cell being under itself', () => {
    const under = (id: string): string[] => ids(view, view.cellsUnder(view.findAny(id)));
    expect(under('S1')).toEqual(['C1', 'C2', 'C3']);
    expect(under('S1/0')).toEqual(['C1', 'C2']);
    expect(under('FIB')).toEqual(['C1', 'C2', 'C3', 'C4']);
    expect(under('MAINS')).toEqual(['C1', 'C2', 'C3']);
    expect(under('V 21')).toEqual(['C1', 'C2']);
    expect(under('C4')).toEqual(['C4']);
  });

  it('names kinds: links by their own, nodes by what hangs on them', () => {
    const kind = (id: string): string => view.kindOf(view.findAny(id));
    expect(['C1', 'S1/0', 'S1', 'FIB', 'AGG', 'TRK', 'CORE', 'ZONE', 'V 21'].map(kind)).toEqual([
      'cell',
      'sector',
      'site',
      'transport',
      'aggregation',
      'aggregation',
      'core',
      'power',
      'software',
    ]);
  });

  it('is deeper the farther from the core', () => {
    const depth = (id: string): number => view.depthOf(view.findAny(id));
    expect(['CORE', 'TRK', 'AGG', 'FIB', 'S1', 'S1/0', 'C1'].map(depth)).toEqual([
      0, 1, 2, 3, 4, 5, 6,
    ]);
  });

  it('puts resources over the very same cells into one class', () => {
    expect(ids(view, view.sameCellsAs(view.findAny('FIB')))).toEqual(['AGG', 'CORE', 'FIB', 'TRK']);
    expect(ids(view, view.sameCellsAs(view.findAny('S1')))).toEqual(['MAINS', 'S1', 'ZONE']);
    expect(ids(view, view.sameCellsAs(view.findAny('C1')))).toEqual(['C1']);
  });

  it('gives neighbours with their weight', () => {
    const near = view.neighboursOf(view.find('cell', 'C1'));
    expect(near.map(({ cell, weight }) => [view.idOf(cell), weight])).toEqual([
      ['C4', 0.5],
      ['C3', 1],
    ]);
    expect(view.neighboursOf(view.find('cell', 'C4'))).toEqual([]);
  });

  it('gives the works of a time, the end excluded', () => {
    expect(view.worksAt(999)).toEqual([]);
    expect(view.worksAt(1000).map(({ workId }) => workId)).toEqual(['W']);
    expect(view.worksAt(2000)).toEqual([]);
  });

  it('uses an inventory with faults as far as it goes and says what is wrong', () => {
    const broken = new TopologyView({
      sites: [],
      cells: [
        { cellId: 'C1', siteId: 'S1' },
        { cellId: 'C1', siteId: 'S9' },
      ],
      links: [
        { linkId: 'L1', parentId: 'A', childId: 'B', kind: 'transport' },
        { linkId: 'L2', parentId: 'B', childId: 'A', kind: 'transport' },
        { linkId: 'L3', parentId: 'B', childId: 'S1', kind: 'transport' },
        { linkId: 'L4', parentId: 'X', childId: 'X', kind: 'transport' },
        { linkId: 'L5', parentId: 'A', childId: 'nobody', kind: 'transport' },
      ],
      neighbours: [{ cellId: 'C1', neighbourId: 'C7' }],
      works: [{ workId: 'W', resourceId: 'gone', startsAtMs: 0, endsAtMs: 1 }],
    });
    expect(broken.problems.map(({ kind, id }) => `${kind} ${id}`).sort()).toEqual([
      'cellOfUnknownSite C1',
      'cycle A',
      'duplicateCell C1',
      'linkToItself L4',
      'linkToUnknownChild nobody',
      'neighbourUnknown C1',
      'workOnUnknownResource W',
    ]);
    expect(broken.problemCount).toBe(7);
    expect(ids(broken, broken.cellsUnder(broken.findAny('B')))).toEqual(['C1']);
  });

  it('keeps parents apart that share a link id', () => {
    const duct = new TopologyView({
      ...ROWS,
      links: [
        { linkId: 'DUCT', parentId: 'A1', childId: 'S1', kind: 'transport' },
        { linkId: 'DUCT', parentId: 'A2', childId: 'S2', kind: 'transport' },
      ],
      works: [],
    });
    expect(ids(duct, duct.cellsUnder(duct.findAny('DUCT')))).toEqual(['C1', 'C2', 'C3', 'C4']);
    expect(ids(duct, duct.cellsUnder(duct.findAny('A2')))).toEqual(['C4']);
  });

  it('is empty without throwing', () => {
    const none = new TopologyView({ sites: [], cells: [], links: [], neighbours: [], works: [] });
    expect(none.cellCount).toBe(0);
    expect(none.find('cell', 'C1')).toBe(-1);
    expect(() => none.idOf(0)).toThrow(RangeError);
  });
});
