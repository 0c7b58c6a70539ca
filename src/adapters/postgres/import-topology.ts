import type pg from 'pg';
import { affected, type ImportContext, type ImportKind, refuse, STAGING } from './import-kind.js';
import { mergeVersioned, type VersionedTable } from './import-versioned.js';

const merging =
  (table: VersionedTable): ImportKind['merge'] =>
  (client, context) =>
    mergeVersioned(client, table, context);

const site: VersionedTable = {
  table: 'sites',
  key: ['site_id'],
  attributes: ['name', 'lat', 'lon', 'zone'],
};

export const sites: ImportKind = {
  columns: [['site_id', 'site'], ['name'], ['lat', 'latitude'], ['lon', 'longitude'], ['zone']],
  required: [['site_id'], ['lat'], ['lon']],
  staging: 'site_id text, name text, lat float8, lon float8, zone text',
  key: ['site_id'],
  read: (row) => [
    row.text('site_id'),
    row.optional('name'),
    row.number('lat', -90, 90),
    row.number('lon', -180, 180),
    row.zone('zone'),
  ],
  merge: merging(site),
};

const cell: VersionedTable = {
  table: 'cells',
  key: ['cell_id'],
  attributes: ['site_id', 'lat', 'lon', 'azimuth', 'technology', 'vendor', 'version'],
};

export const cells: ImportKind = {
  columns: [
    ['cell_id', 'cell'],
    ['site_id', 'site'],
    ['lat', 'latitude'],
    ['lon', 'longitude'],
    ['azimuth'],
    ['technology'],
    ['vendor'],
    ['version'],
  ],
  required: [['cell_id'], ['site_id']],
  staging:
    'cell_id text, site_id text, lat float8, lon float8, azimuth float8, technology text, vendor text, version text',
  key: ['cell_id'],
  read: (row) => [
    row.text('cell_id'),
    row.text('site_id'),
    row.optionalNumber('lat', -90, 90),
    row.optionalNumber('lon', -180, 180),
    row.optionalNumber('azimuth', 0, 360),
    row.optional('technology'),
    row.optional('vendor'),
    row.optional('version'),
  ],
  merge: async (client, context) => {
    await refuse(
      client,
      `not exists (select from sites t where t.site_id = s.site_id and t.valid_to = 'infinity')`,
      `'site_id "' || site_id || '" is no site of the inventory: import sites first'`,
    );
    return mergeVersioned(client, cell, context);
  },
};

const link: VersionedTable = {
  table: 'links',
  key: ['link_id', 'child_id'],
  attributes: ['parent_id', 'kind'],
};

export const links: ImportKind = {
  columns: [['link_id', 'link'], ['parent_id', 'parent'], ['child_id', 'child'], ['kind']],
  required: [['link_id'], ['parent_id'], ['child_id'], ['kind']],
  staging: 'link_id text, parent_id text, child_id text, kind text',
  key: ['link_id', 'child_id'],
  read: (row) => {
    const fields = ['link_id', 'parent_id', 'child_id', 'kind'].map((name) => row.text(name));
    if (fields[1] === fields[2]) row.reject(`parent_id and child_id are both "${fields[1]}"`);
    return fields;
  },
  merge: merging(link),
};

const neighbour: VersionedTable = {
  table: 'neighbours',
  key: ['cell_id', 'neighbour_id'],
  attributes: ['weight'],
};

export const neighbours: ImportKind = {
  columns: [['cell_id', 'cell'], ['neighbour_id', 'neighbour'], ['weight']],
  required: [['cell_id'], ['neighbour_id']],
  staging: 'cell_id text, neighbour_id text, weight float8',
  key: ['cell_id', 'neighbour_id'],
  read: (row) => {
    const own = row.text('cell_id');
    const other = row.text('neighbour_id');
    if (own === other) row.reject(`cell_id and neighbour_id are both "${own}"`);
    return [own, other, row.optionalNumber('weight', 0, 1) ?? 1];
  },
  merge: merging(neighbour),
};

export const aliases: ImportKind = {
  columns: [
    ['system'],
    ['alias'],
    ['object_type', 'type'],
    ['object_id', 'object'],
    ['valid_from'],
    ['valid_to'],
  ],
  required: [['system'], ['alias'], ['object_type'], ['object_id']],
  staging:
    'system text, alias text, object_type text, object_id text, valid_from timestamptz, valid_to timestamptz',
  key: ['system', 'alias', 'valid_from'],
  read: (row) => {
    const from = row.optionalTime('valid_from');
    const to = row.optionalTime('valid_to');
    if (from !== null && to !== null && to <= from) row.reject('valid_to is not after valid_from');
    return [
      row.text('system'),
      row.text('alias'),
      row.oneOf('object_type', ['cell', 'site', 'link', 'function'], 'cell'),
      row.text('object_id'),
      from,
      to,
    ];
  },
  merge: mergeAliases,
};

/** Rows without dates are the present state; dated ones are put where they belong in time. */
async function mergeAliases(client: pg.PoolClient, context: ImportContext) {
  const table = 'network_aliases';
  const attributes = ['object_type', 'object_id'];
  await client.query(
    `create temp table import_dated on commit drop as
     with gone as (delete from ${STAGING} where valid_from is not null or valid_to is not null
                   returning *)
     select line, system, alias, object_type, object_id,
            coalesce(valid_from, '-infinity') as valid_from,
            least(coalesce(valid_to, 'infinity'),
                  lead(valid_from, 1, 'infinity') over
                    (partition by system, alias order by valid_from nulls first)) as valid_to
       from gone`,
  );
  const dated = await affected(
    client,
    `insert into ${table} as t (system, alias, object_type, object_id, valid_from, valid_to)
     select system, alias, object_type, object_id, valid_from, valid_to from import_dated
     on conflict (system, alias, valid_from) do update set object_type = excluded.object_type,
       object_id = excluded.object_id, valid_to = excluded.valid_to
     where (t.object_type, t.object_id, t.valid_to)
       is distinct from (excluded.object_type, excluded.object_id, excluded.valid_to)`,
  );
  await client.query(
    `update ${table} t set valid_to = d.valid_from from import_dated d
      where t.system = d.system and t.alias = d.alias
        and t.valid_from < d.valid_from and t.valid_to > d.valid_from`,
  );
  const target = { table, key: ['system', 'alias'], attributes };
  // a dated list says nothing of what it leaves out
  const present = await mergeVersioned(client, target, {
    ...context,
    isComplete: context.isComplete && dated === 0,
  });
  return { inserted: present.inserted + dated, updated: present.updated };
}

export const works: ImportKind = {
  columns: [
    ['work_id', 'work'],
    ['resource_id', 'resource'],
    ['starts_at', 'start'],
    ['ends_at', 'end'],
    ['description'],
  ],
  required: [['work_id'], ['resource_id'], ['starts_at'], ['ends_at']],
  staging:
    'work_id text, resource_id text, starts_at timestamptz, ends_at timestamptz, description text',
  key: ['work_id'],
  read: (row) => {
    const start = row.time('starts_at');
    const end = row.time('ends_at');
    if (end <= start) row.reject('ends_at is not after starts_at');
    return [
      row.text('work_id'),
      row.text('resource_id'),
      start,
      end,
      row.optional('description', 2000),
    ];
  },
  merge: (client) =>
    mergePlain(client, {
      table: 'works',
      key: ['work_id'],
      attributes: ['resource_id', 'starts_at', 'ends_at', 'description'],
    }),
};

/** Upserts staging into a table without validity; rows that say the same are left alone. */
export async function mergePlain(
  client: pg.PoolClient,
  { table, key, attributes }: VersionedTable,
): Promise<{ inserted: number; updated: number }> {
  const names = [...key, ...attributes].join(', ');
  const tuple = (alias: string): string => attributes.map((name) => `${alias}.${name}`).join(', ');
  const result = await client.query<{ inserted: number; updated: number }>(
    `with merged as (
       insert into ${table} as t (${names}) select ${names} from ${STAGING} order by ${key.join(', ')}
       on conflict (${key.join(', ')}) do update
         set ${attributes.map((name) => `${name} = excluded.${name}`).join(', ')}
         where (${tuple('t')}) is distinct from (${tuple('excluded')})
       returning xmax = 0 as is_new)
     select count(*) filter (where is_new)::int as inserted,
            count(*) filter (where not is_new)::int as updated from merged`,
  );
  return result.rows[0] ?? { inserted: 0, updated: 0 };
}
