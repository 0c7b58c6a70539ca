import { TocsinError } from './domain/errors.js';
import type {
  CellRow,
  LinkRow,
  NeighbourRow,
  SiteRow,
  TopologyRows,
  WorkRow,
} from './domain/topology-rows.js';
import { openCsv } from './sources/csv-rows.js';

type Field = (name: string) => string;
type Table = 'sites' | 'cells' | 'links' | 'neighbours' | 'works';

interface Rows {
  readonly sites: SiteRow[];
  readonly cells: CellRow[];
  readonly links: LinkRow[];
  readonly neighbours: NeighbourRow[];
  readonly works: WorkRow[];
}

/** Columns a file is known by, in the order they are tried; others are passed over. */
const KNOWN_BY: readonly (readonly [Table, readonly string[]])[] = [
  ['works', ['work_id', 'resource_id', 'starts_at', 'ends_at']],
  ['links', ['link_id', 'parent_id', 'child_id', 'kind']],
  ['neighbours', ['cell_id', 'neighbour_id']],
  ['cells', ['cell_id', 'site_id']],
  ['sites', ['site_id', 'lat', 'lon']],
];

/**
 * Reads inventory files; each is known by its header (`site_id,lat,lon…`, `cell_id,site_id…`,
 * `link_id,parent_id,child_id,kind`, `cell_id,neighbour_id…`, `work_id,resource_id,starts_at,ends_at…`).
 * @throws TocsinError `input.file` naming file, line and what is allowed
 */
export async function readTopologyFiles(paths: readonly string[]): Promise<TopologyRows> {
  const rows: Rows = { sites: [], cells: [], links: [], neighbours: [], works: [] };
  for (const path of paths) await readTopologyFile(path, rows);
  return rows;
}

async function readTopologyFile(path: string, rows: Rows): Promise<void> {
  const { header, rows: records } = await openCsv(path, ',', (detail) => {
    throw new TocsinError('input.file', `${path}: ${detail}`);
  });
  const table = KNOWN_BY.find(([, columns]) => columns.every((name) => header.includes(name)))?.[0];
  if (table === undefined) {
    const allowed = KNOWN_BY.map(([, columns]) => columns.join(',')).join(' or ');
    throw new TocsinError(
      'input.file',
      `${path}: header ${header.join(',')} is of no known topology file; allowed: ${allowed}`,
    );
  }
  const place = new Map(header.map((name, at) => [name, at]));
  for await (const { row, number } of records) {
    const field: Field = (name) => row[place.get(name) ?? -1] ?? '';
    try {
      READ[table](rows, field);
    } catch (error) {
      if (!(error instanceof TocsinError)) throw error;
      throw new TocsinError('input.file', `${path} row ${number}: ${error.message}`);
    }
  }
}

const READ: Record<Table, (rows: Rows, field: Field) => void> = {
  sites: (rows, field) => {
    rows.sites.push({
      siteId: idIn(field, 'site_id'),
      lat: needed(field, 'lat', -90, 90),
      lon: needed(field, 'lon', -180, 180),
      ...text(field, 'name'),
      ...text(field, 'zone'),
    });
  },
  cells: (rows, field) => {
    rows.cells.push({
      cellId: idIn(field, 'cell_id'),
      siteId: idIn(field, 'site_id'),
      ...number(field, 'lat', -90, 90),
      ...number(field, 'lon', -180, 180),
      ...number(field, 'azimuth', -360, 360),
      ...text(field, 'technology'),
      ...text(field, 'vendor'),
      ...text(field, 'version'),
    });
  },
  links: (rows, field) => {
    rows.links.push({
      linkId: idIn(field, 'link_id'),
      parentId: idIn(field, 'parent_id'),
      childId: idIn(field, 'child_id'),
      kind: idIn(field, 'kind'),
    });
  },
  neighbours: (rows, field) => {
    rows.neighbours.push({
      cellId: idIn(field, 'cell_id'),
      neighbourId: idIn(field, 'neighbour_id'),
      ...number(field, 'weight', 0, 1),
    });
  },
  works: (rows, field) => {
    rows.works.push({
      workId: idIn(field, 'work_id'),
      resourceId: idIn(field, 'resource_id'),
      startsAtMs: timeIn(field, 'starts_at'),
      endsAtMs: timeIn(field, 'ends_at'),
      ...text(field, 'description'),
    });
  },
};

function idIn(field: Field, name: string): string {
  const id = field(name);
  if (id === '') throw new TocsinError('input.file', `${name} is empty; an id is needed`);
  return id;
}

function needed(field: Field, name: string, least: number, greatest: number): number {
  const value = field(name).trim() === '' ? Number.NaN : Number(field(name));
  if (value >= least && value <= greatest) return value;
  const allowed = `a number from ${least} to ${greatest}`;
  throw new TocsinError('input.file', `${name} is "${field(name)}"; allowed: ${allowed}`);
}

function number<Name extends string>(
  field: Field,
  name: Name,
  least: number,
  greatest: number,
): { [key in Name]?: number } {
  if (field(name).trim() === '') return {};
  return { [name]: needed(field, name, least, greatest) } as { [key in Name]?: number };
}

function text<Name extends string>(field: Field, name: Name): { [key in Name]?: string } {
  const value = field(name);
  return value === '' ? {} : ({ [name]: value } as { [key in Name]?: string });
}

function timeIn(field: Field, name: string): number {
  const ms = Date.parse(field(name));
  if (Number.isFinite(ms)) return ms;
  throw new TocsinError('input.file', `${name} is "${field(name)}"; allowed: an ISO 8601 time`);
}
