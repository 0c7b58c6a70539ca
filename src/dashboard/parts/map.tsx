import { type GeoJSONSource, Map as MapLibre, NavigationControl, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { CellFeatures, SitePoint } from '../../api/schemas.js';
import { useStore } from '../store.js';
import { theme } from '../theme.js';
import { type Area, incidentAreas } from './areas.js';
import { type Bounds, landNear, loadLand } from './land.js';
import { CELL_STATES, mapStyle } from './map-style.js';

setWorkerUrl(workerUrl);

interface Props {
  readonly cells: CellFeatures | undefined;
  readonly sites: readonly SitePoint[] | undefined;
  /** what to write over an incident's area, by incident id */
  readonly labels: ReadonlyMap<string, string>;
  /** ids of the cells to show close up; else everything is shown */
  readonly focus?: ReadonlySet<string>;
  readonly onPick?: (incidentId: string) => void;
  /** told the site of a cell that was clicked and that no incident is to be shown for */
  readonly onSite?: (siteId: string) => void;
  /** told `west,south,east,north` after the map was moved by hand */
  readonly onMove?: (bounds: string) => void;
}

/** Cells and incident areas on a map that needs no other server. */
export function NetworkMap(props: Props) {
  const box = useRef<HTMLElement>(null);
  const { map, problem } = useMap(box, props);
  const isFramed = useRef(false);
  const areas = props.cells === undefined ? [] : incidentAreas(props.cells);
  useEffect(() => {
    if (map !== undefined && props.cells !== undefined) return drawLand(map, props.cells);
  }, [map, props.cells === undefined]);
  useEffect(() => {
    if (map === undefined) return;
    const show = (): void => fill(map, props, areas);
    show();
    map.on('style.load', show);
    return () => {
      map.off('style.load', show);
    };
  }, [map, props.cells, props.sites, props.labels]);
  useEffect(() => {
    if (map === undefined || isFramed.current || !props.cells?.features.length) return;
    frame(map, props.cells, props.focus);
    isFramed.current = true;
  }, [map, props.cells, props.focus]);
  return (
    <div class="map">
      <section
        ref={box}
        class="map-canvas"
        aria-label="Map of cells and incidents. Everything on it also stands in the lists."
      />
      {problem && <p class="state map-problem">{problem}</p>}
      <ul class="legend">
        {CELL_STATES.map(([state, name]) => (
          <li key={state}>
            <span class={`swatch swatch-${state}`} aria-hidden="true" />
            {name}
          </li>
        ))}
      </ul>
    </div>
  );
}

function useMap(box: { current: HTMLElement | null }, props: Props) {
  const [map, setMap] = useState<MapLibre>();
  const [problem, setProblem] = useState('');
  const handlers = useRef(props);
  handlers.current = props;
  const colours = useStore(theme);
  useEffect(() => {
    if (box.current === null) return;
    try {
      const made = createMap(box.current, handlers);
      setMap(made);
      return () => made.remove();
    } catch {
      setProblem('The map cannot be drawn here: it needs WebGL. The list has everything.');
    }
  }, []);
  useEffect(() => {
    map?.setStyle(mapStyle());
  }, [colours]);
  return { map, problem };
}

function createMap(container: HTMLElement, handlers: { readonly current: Props }): MapLibre {
  const map = new MapLibre({
    container,
    style: mapStyle(),
    center: [2.5, 46.6],
    zoom: 4.5,
    maxZoom: 15,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    fadeDuration: 0,
  });
  map.on('idle', () => container.setAttribute('aria-busy', 'false'));
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
  map.on('moveend', (event) => {
    if (!('originalEvent' in event)) return;
    const { _sw: a, _ne: b } = map.getBounds();
    const edges = [a.lng, a.lat, b.lng, b.lat].map((degrees) => degrees.toFixed(3));
    handlers.current.onMove?.(edges.join());
  });
  for (const layer of ['areas', 'cells']) {
    map.on('click', layer, (event) => {
      const { incidentId, site }: Record<string, unknown> = event.features?.[0]?.properties ?? {};
      const { onPick, onSite } = handlers.current;
      if (onPick !== undefined && typeof incidentId === 'string') onPick(incidentId);
      else if (typeof site === 'string') onSite?.(site);
    });
    map.on('mousemove', layer, (event) => {
      const { incidentId, site }: Record<string, unknown> = event.features?.[0]?.properties ?? {};
      const isLink = typeof incidentId === 'string' || typeof site === 'string';
      map.getCanvas().style.cursor = isLink ? 'pointer' : '';
    });
    map.on('mouseleave', layer, () => {
      map.getCanvas().style.cursor = '';
    });
  }
  return map;
}

/** Puts data into the sources, as soon as the style has them. */
function fill(map: MapLibre, { cells, sites, labels }: Props, areas: readonly Area[]): void {
  map.getContainer().setAttribute('aria-busy', 'true');
  const set = (id: string, features: readonly GeoJSON.Feature[]): void => {
    const source = map.getSource<GeoJSONSource>(id);
    source?.setData({ type: 'FeatureCollection', features: [...features] });
  };
  set('cells', (cells?.features ?? []).map(apart));
  set('areas', areas);
  set(
    'labels',
    areas.flatMap((area) => labelOf(area, labels)),
  );
  set(
    'sites',
    (sites ?? []).map(({ name, id, lat, lon }) => point([lon, lat], { name: name ?? id })),
  );
}

function point(coordinates: [number, number], properties: object): GeoJSON.Feature {
  return { type: 'Feature', geometry: { type: 'Point', coordinates }, properties };
}

function labelOf(area: Area, labels: ReadonlyMap<string, string>): GeoJSON.Feature[] {
  const text = labels.get(area.properties.incidentId);
  const top = area.geometry.coordinates[0]?.reduce((a, b) => (b[1] > a[1] ? b : a));
  return text === undefined || top === undefined ? [] : [point(top, { text })];
}

/** Room for labels above and the legend below, in pixels. */
const PADDING = { top: 56, bottom: 72, left: 48, right: 48 };
const SECTOR_OFFSET_DEGREES = 0.0016;

/** Moves a cell a little along its azimuth, so that the sectors of a site are seen apart. */
function apart(cell: CellFeatures['features'][number]): GeoJSON.Feature {
  const { azimuth } = cell.properties;
  if (azimuth === null) return cell;
  const [lon, lat] = cell.geometry.coordinates;
  const angle = (azimuth * Math.PI) / 180;
  const stretch = Math.cos((lat * Math.PI) / 180);
  const moved: [number, number] = [
    lon + (SECTOR_OFFSET_DEGREES * Math.sin(angle)) / stretch,
    lat + SECTOR_OFFSET_DEGREES * Math.cos(angle),
  ];
  return { ...cell, geometry: { type: 'Point', coordinates: moved } };
}

/** Draws the land around the network first and the rest of the world when there is time for it. */
function drawLand(map: MapLibre, cells: CellFeatures): () => void {
  let isGone = false;
  let isWhole = false;
  const draw = async (): Promise<void> => {
    const countries = await loadLand();
    const source = map.getSource<GeoJSONSource>('land');
    if (isGone || source === undefined) return;
    const box = boundsOf(cells.features);
    source.setData(isWhole || box === undefined ? countries : landNear(countries, box));
    if (isWhole) return;
    isWhole = true;
    map.once('idle', draw);
  };
  const drawAgain = (): void => void draw();
  drawAgain();
  map.on('style.load', drawAgain);
  return () => {
    isGone = true;
    map.off('style.load', drawAgain);
  };
}

function boundsOf(cells: CellFeatures['features']): Bounds | undefined {
  if (cells.length === 0) return undefined;
  const box: Bounds = [180, 90, -180, -90];
  for (const { geometry } of cells) {
    const [lon, lat] = geometry.coordinates;
    box[0] = Math.min(box[0], lon);
    box[1] = Math.min(box[1], lat);
    box[2] = Math.max(box[2], lon);
    box[3] = Math.max(box[3], lat);
  }
  return box;
}

/** Shows the cells in focus, or all of them where none of those is on the map. */
function frame(map: MapLibre, { features }: CellFeatures, focus: Props['focus']): void {
  const near = features.filter(({ properties }) => focus?.has(properties.id));
  const bounds = boundsOf(near) ?? boundsOf(features);
  if (bounds !== undefined) {
    map.fitBounds(bounds, { padding: PADDING, maxZoom: 11.5, animate: false });
  }
}
