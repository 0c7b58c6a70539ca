import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createNetwork } from '../../simulators/network.js';
import { distanceKm } from '../../simulators/world/geometry.js';
import { TOWNS } from '../../simulators/world/towns.js';
import { TopologyView } from '../../src/domain/topology.js';
import { hasData } from '../services/shared-data.js';

const network = createNetwork({ seed: 7 });

describe('simulated network', () => {
  it('has the size asked for and the same content for the same seed', () => {
    expect(network.sites).toHaveLength(320);
    expect(network.cells.length).toBeGreaterThanOrEqual(1_040);
    expect(createNetwork({ seed: 7 })).toEqual(network);
    expect(createNetwork({ seed: 8 }).rows.cells).not.toEqual(network.rows.cells);
  });

  it.each([4, 30, 60, 900])('can be built with %i sites', (sites) => {
    const small = createNetwork({ seed: 2, sites, cells: sites * 4 });
    expect(small.sites).toHaveLength(sites);
    expect(new TopologyView(small.rows).problems).toEqual([]);
  });

  it('has distinct ids and an inventory without gaps or circles', () => {
    const ids = network.cells.map(({ cellId }) => cellId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(network.sites.map(({ siteId }) => siteId)).size).toBe(320);
    expect(new TopologyView(network.rows).problems).toEqual([]);
  });

  it('hangs every site on one fibre, aggregation, core and power zone', () => {
    for (const group of ['fibres', 'aggregations', 'powerZones', 'cores'] as const) {
      const members = network[group].flatMap(({ sites }) => sites).sort((a, b) => a - b);
      expect(members).toEqual(network.sites.map(({ index }) => index));
    }
  });

  it('gives correlation the kinds of cause the truth names', () => {
    const view = new TopologyView(network.rows);
    const kindOf = (id: string | undefined): string => view.kindOf(view.findAny(id ?? ''));
    expect(kindOf(network.fibres[0]?.id)).toBe('transport');
    expect(kindOf(network.aggregations[0]?.id)).toBe('aggregation');
    expect(kindOf(network.cores[0]?.id)).toBe('core');
    expect(kindOf(network.powerZones[0]?.id)).toBe('power');
    expect(kindOf(`${network.sites[0]?.vendor} ${network.sites[0]?.version}`)).toBe('software');
    const first = network.cells[0];
    expect(kindOf(`${network.sites[0]?.siteId}/${first?.azimuth}`)).toBe('sector');
  });

  it('gives every cell neighbours that are near', () => {
    const siteOf = (cell: number) => network.sites[network.cells[cell]?.site ?? -1];
    const wrong = network.cells.filter(({ index, neighbours }) => {
      const here = siteOf(index);
      return neighbours.some(({ cell: other, weight }) => {
        const there = siteOf(other);
        const isNear = here !== undefined && there !== undefined && distanceKm(here, there) < 40;
        return !isNear || !(weight > 0 && weight <= 1);
      });
    });
    expect(wrong).toEqual([]);
    expect(Math.min(...network.cells.map(({ neighbours }) => neighbours.length))).toBeGreaterThan(
      0,
    );
  });

  it('stands in Bretagne, in at least eighty towns', () => {
    expect(new Set(network.sites.map(({ town }) => town.code)).size).toBeGreaterThanOrEqual(80);
    const outside = network.sites.filter(
      ({ lat, lon }) => lat < 47.2 || lat > 48.95 || lon < -5.2 || lon > -0.9,
    );
    expect(outside).toEqual([]);
  });

  const real = new URL('../../../shared/data/sites-france/sites.csv', import.meta.url);
  it.skipIf(!hasData(real))('puts every town where real mobile sites are', () => {
    const lines = readFileSync(real, 'utf8').trim().split('\n').slice(1);
    const places = lines.map((line) => {
      const [, lat, lon] = line.split(',');
      return { lat: Number(lat), lon: Number(lon) };
    });
    const region = places.filter(({ lat, lon }) => lat > 47 && lat < 49 && lon < -0.5);
    const lonely = TOWNS.filter(
      (town) => region.filter((place) => distanceKm(town, place) < 3).length < 2,
    );
    expect(lonely).toEqual([]);
  });
});
