import type { ExpressionSpecification, StyleSpecification } from 'maplibre-gl';
import { colour } from '../theme.js';

const EMPTY = { type: 'FeatureCollection' as const, features: [] };

/** Colour of a cell by its state; the same words stand in the legend. */
export const CELL_STATES = [
  ['ok', 'In service', 'cell-ok'],
  ['noData', 'No data', 'cell-no-data'],
  ['suspected', 'Suspected', 'cell-suspected'],
  ['degraded', 'Degraded', 'cell-degraded'],
  ['down', 'Down', 'cell-down'],
] as const;

function byState(values: Record<string, string | number>): ExpressionSpecification {
  const pairs = CELL_STATES.slice(1).flatMap(([state]) => [state, values[state] ?? 0]);
  return [
    'match',
    ['get', 'state'],
    ...pairs,
    values.ok ?? 0,
  ] as unknown as ExpressionSpecification;
}

/** The whole map as a style in the colours of the theme; nothing in it is fetched from elsewhere. */
export function mapStyle(): StyleSpecification {
  return {
    version: 8,
    sources: {
      land: { type: 'geojson', data: EMPTY, tolerance: 0.2 },
      areas: { type: 'geojson', data: EMPTY },
      labels: { type: 'geojson', data: EMPTY },
      sites: { type: 'geojson', data: EMPTY },
      cells: { type: 'geojson', data: EMPTY, tolerance: 0 },
    },
    layers: [
      { id: 'sea', type: 'background', paint: { 'background-color': colour('map-sea') } },
      { id: 'land', type: 'fill', source: 'land', paint: { 'fill-color': colour('map-land') } },
      {
        id: 'borders',
        type: 'line',
        source: 'land',
        paint: { 'line-color': colour('map-border'), 'line-width': 1 },
      },
      ...areaLayers(),
      cellLayer(),
      siteLabels(),
      incidentLabels(),
    ],
  };
}

function areaColour(): ExpressionSpecification {
  return ['case', ['get', 'isSuspected'], colour('cell-suspected'), colour('cell-down')];
}

function areaLayers(): StyleSpecification['layers'] {
  return [
    {
      id: 'areas',
      type: 'fill',
      source: 'areas',
      paint: { 'fill-color': areaColour(), 'fill-opacity': 0.16 },
    },
    {
      id: 'outlines',
      type: 'line',
      source: 'areas',
      paint: { 'line-color': areaColour(), 'line-width': 1.5, 'line-opacity': 0.9 },
    },
  ];
}

function cellLayer(): StyleSpecification['layers'][number] {
  const colours = Object.fromEntries(CELL_STATES.map(([state, , name]) => [state, colour(name)]));
  const sizes = (by: number) =>
    byState({
      ok: 2.2 * by,
      noData: 3.2 * by,
      suspected: 4 * by,
      degraded: 4 * by,
      down: 4.6 * by,
    });
  return {
    id: 'cells',
    type: 'circle',
    source: 'cells',
    layout: {
      'circle-sort-key': byState({ ok: 0, noData: 1, suspected: 2, degraded: 3, down: 4 }),
    },
    paint: {
      'circle-color': byState(colours),
      'circle-radius': [
        'interpolate',
        ['linear'],
        ['zoom'],
        5,
        sizes(0.8),
        9,
        sizes(1.2),
        13,
        sizes(2.4),
      ],
      'circle-opacity': byState({ ok: 0.75, noData: 1, suspected: 1, degraded: 1, down: 1 }),
      'circle-stroke-color': colour('map-land'),
      'circle-stroke-width': byState({ ok: 0, noData: 1, suspected: 1, degraded: 1, down: 1 }),
    },
  };
}

function siteLabels(): StyleSpecification['layers'][number] {
  return {
    id: 'site-labels',
    type: 'symbol',
    source: 'sites',
    minzoom: 9.5,
    layout: {
      'text-field': ['get', 'name'],
      'text-size': 11,
      'text-anchor': 'top',
      'text-offset': [0, 0.8],
      'text-font': ['sans-serif'],
    },
    paint: {
      'text-color': colour('muted'),
      'text-halo-color': colour('map-land'),
      'text-halo-width': 1.2,
    },
  };
}

function incidentLabels(): StyleSpecification['layers'][number] {
  return {
    id: 'incident-labels',
    type: 'symbol',
    source: 'labels',
    layout: {
      'text-field': ['get', 'text'],
      'text-size': 13,
      'text-anchor': 'bottom',
      'text-font': ['sans-serif'],
      'text-allow-overlap': true,
    },
    paint: {
      'text-color': colour('text'),
      'text-halo-color': colour('map-land'),
      'text-halo-width': 2,
    },
  };
}
