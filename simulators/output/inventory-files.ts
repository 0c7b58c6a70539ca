import { join } from 'node:path';
import type { WorkRow } from '../../src/domain/topology-rows.js';
import type { TrueIncident } from '../faults/types.js';
import { SUBSCRIBER_COLUMNS, subscriberRecords } from '../population/records.js';
import { isoSeconds } from '../telemetry/sinks.js';
import type { Network } from '../world/types.js';
import type { World } from '../world.js';
import { csvLine, TextFile } from './write-lines.js';

type Fields = readonly (string | number | boolean | undefined)[];

async function writeTable(path: string, header: string, rows: Iterable<Fields>): Promise<void> {
  const file = new TextFile(path);
  await file.write(`${header}\n`);
  for (const row of rows) await file.write(csvLine(row));
  await file.close();
}

function* mapped<T>(items: Iterable<T>, toRow: (item: T) => Fields): Generator<Fields> {
  for (const item of items) yield toRow(item);
}

/** Writes sites.csv, cells.csv, links.csv, neighbours.csv and works.csv. */
export async function writeTopology(
  folder: string,
  { rows }: Network,
  works: readonly WorkRow[],
): Promise<void> {
  const write = <T>(name: string, header: string, items: Iterable<T>, toRow: (item: T) => Fields) =>
    writeTable(join(folder, name), header, mapped(items, toRow));
  await write('sites.csv', 'site_id,name,lat,lon,zone', rows.sites, (site) => [
    site.siteId,
    site.name,
    site.lat,
    site.lon,
    site.zone,
  ]);
  await write(
    'cells.csv',
    'cell_id,site_id,lat,lon,azimuth,technology,vendor,version',
    rows.cells,
    (cell) => [
      cell.cellId,
      cell.siteId,
      cell.lat,
      cell.lon,
      cell.azimuth,
      cell.technology,
      cell.vendor,
      cell.version,
    ],
  );
  await write('links.csv', 'link_id,parent_id,child_id,kind', rows.links, (link) => [
    link.linkId,
    link.parentId,
    link.childId,
    link.kind,
  ]);
  await write('neighbours.csv', 'cell_id,neighbour_id,weight', rows.neighbours, (pair) => [
    pair.cellId,
    pair.neighbourId,
    pair.weight,
  ]);
  await write('works.csv', 'work_id,resource_id,starts_at,ends_at,description', works, (work) => [
    work.workId,
    work.resourceId,
    isoSeconds(work.startsAtMs),
    isoSeconds(work.endsAtMs),
    work.description,
  ]);
}

/** Writes subscribers.csv. */
export async function writeSubscribers(folder: string, world: World): Promise<void> {
  const path = join(folder, 'subscribers.csv');
  const rows = mapped(subscriberRecords(world), (record) =>
    SUBSCRIBER_COLUMNS.map((column) => record[column]),
  );
  await writeTable(path, SUBSCRIBER_COLUMNS.join(','), rows);
}

/** Writes truth.csv, one row per incident and cell. */
export async function writeTruth(
  folder: string,
  network: Network,
  truth: readonly TrueIncident[],
): Promise<void> {
  function* rows(): Generator<Fields> {
    for (const { incidentId, cells, causeKind, causeId } of truth) {
      for (const { cell, fromMs, toMs } of cells) {
        const cellId = network.cells[cell]?.cellId;
        yield [incidentId, cellId, isoSeconds(fromMs), isoSeconds(toMs), causeKind, causeId];
      }
    }
  }
  const header = 'incident_id,cell_id,started_at,ended_at,cause_kind,cause_id';
  await writeTable(join(folder, 'truth.csv'), header, rows());
}
