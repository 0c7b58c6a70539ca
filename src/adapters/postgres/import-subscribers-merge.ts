import type pg from 'pg';
import { fillTable } from './fill-table.js';
import { affected, type ImportContext, type MergeCounts, refuse, STAGING } from './import-kind.js';

/** What makes two rows the same subscription, as SQL over staging. */
export const IDENTITY = 'coalesce(imsi, msisdn, account)';

const CLASSED = ['kind', 'brand', 'segment', 'language', 'vulnerable', 'technologies'];
const ATTRIBUTES = [...CLASSED, 'zone', 'channels', 'home_site'];
const IDENTIFIERS = ['imsi', 'msisdn', 'account', 'contact'] as const;

/** Brings staged subscriptions into the tables: see `subscribers`. */
export async function mergeSubscribers(
  client: pg.PoolClient,
  context: ImportContext,
): Promise<MergeCounts> {
  if (context.hasErasures) {
    for (const key of ['imsi_key', 'msisdn_key']) {
      await refuse(
        client,
        `exists (select from erasures e where e.identifier_key = s.${key})`,
        `'this person was erased'`,
      );
    }
  }
  await findKnown(client);
  await refuse(
    client,
    `not s.is_new and s.subscriber_id in (
       select subscriber_id from subscribers where erased_at is not null)`,
    `'this person was erased'`,
  );
  await refuse(
    client,
    `not s.is_new and exists (select from ${STAGING} o
       where o.subscriber_id = s.subscriber_id and o.line < s.line)`,
    `'belongs to the same subscription as an earlier line'`,
  );
  await refuse(
    client,
    `s.msisdn in (select msisdn from ${STAGING} where msisdn is not null
         group by msisdn having count(*) > 1)
       and exists (select from ${STAGING} o where o.msisdn = s.msisdn and o.line < s.line)`,
    `'an earlier line has this msisdn'`,
  );
  await client.query(`analyze ${STAGING} (subscriber_id, is_new)`);
  const inserted = await insertNew(client);
  const updated = await updateKnown(client, context);
  const identifiers = await mergeIdentifiers(client, context, inserted > 0);
  const cells = context.columns.has('usual_cells') ? await mergeUsualCells(client) : 0;
  return { inserted, updated: Math.max(updated, identifiers, cells) };
}

/** Every row comes with the id it would get as a new subscription; known ones get theirs here. */
async function findKnown(client: pg.PoolClient): Promise<void> {
  for (const kind of ['imsi', 'msisdn', 'account']) {
    // an account may have many subscriptions: it names one only when nothing better is given
    const alone = kind === 'account' ? 'and s.imsi is null and s.msisdn is null' : '';
    await client.query(
      `update ${STAGING} s set subscriber_id = i.subscriber_id, is_new = false
         from subscriber_identifiers i
        where s.is_new and i.kind = '${kind}' and i.value = s.${kind}
          and i.valid_to = 'infinity' ${alone}`,
    );
  }
}

/** An attribute as staging has it: those of a class are in its row `c`. */
const staged = (name: string): string => (CLASSED.includes(name) ? `c.${name}` : `s.${name}`);

async function insertNew(client: pg.PoolClient): Promise<number> {
  return fillTable(
    client,
    'subscribers',
    `insert into subscribers (subscriber_id, ${ATTRIBUTES.join(', ')}, declares_cells, class)
     select s.subscriber_id, ${ATTRIBUTES.map(staged).join(', ')}, cardinality(s.cells) > 0, s.class
       from ${STAGING} s join subscriber_classes c using (class)
      where s.is_new`,
    { order: 's.subscriber_id' },
  );
}

async function updateKnown(client: pg.PoolClient, context: ImportContext): Promise<number> {
  const given = ATTRIBUTES.filter((name) => context.columns.has(name));
  if (given.length === 0) return 0;
  const own = given.map((name) => `p.${name}`).join(', ');
  return affected(
    client,
    `update subscribers p set ${given.map((name) => `${name} = ${staged(name)}`).join(', ')}
       from ${STAGING} s join subscriber_classes c using (class)
      where p.subscriber_id = s.subscriber_id and not s.is_new
        and (${own}) is distinct from (${given.map(staged).join(', ')})`,
  );
}

/** The identifiers a row names, as a lateral item `w` beside staging `s`. */
function identifiersOf(given: readonly string[]): string {
  const each = given.map((kind) => {
    const key = kind === 'msisdn' || kind === 'contact' ? `s.${kind}_key` : 'null::bytea';
    return `('${kind}', s.${kind}, ${key})`;
  });
  return `cross join lateral (values ${each.join(', ')}) as w (kind, value, phone_key)`;
}

/**
 * Closes what staging no longer says and opens what it says anew. A first identifier of a kind is
 * valid since ever; one that replaces another is valid from now.
 */
async function mergeIdentifiers(
  client: pg.PoolClient,
  context: ImportContext,
  hasNew: boolean,
): Promise<number> {
  const given = IDENTIFIERS.filter((kind) => context.columns.has(kind));
  await client.query(
    `create temp table import_identifiers on commit drop as
     select s.subscriber_id, w.kind, w.value, w.phone_key from ${STAGING} s ${identifiersOf(given)}
     where not s.is_new and w.value is not null`,
  );
  await client.query('analyze import_identifiers');
  const closed = await closeIdentifiers(client, given, context.validFrom);
  if (hasNew) await openNewIdentifiers(client, given, context.validFrom);
  const opened = await affected(
    client,
    `insert into subscriber_identifiers (kind, value, subscriber_id, phone_key, valid_from)
     select w.kind, w.value, w.subscriber_id, w.phone_key,
            case when exists (select from subscriber_identifiers i
                   where i.subscriber_id = w.subscriber_id and i.kind = w.kind)
                 or w.kind in ('imsi', 'msisdn') and exists (select from subscriber_identifiers i
                   where i.kind = w.kind and i.value = w.value)
                 then $1::timestamptz else '-infinity' end
       from import_identifiers w
       left join subscriber_identifiers present on present.kind = w.kind
        and present.value = w.value and present.subscriber_id = w.subscriber_id
        and present.valid_to = 'infinity'
      where present.kind is null
     on conflict (kind, value, subscriber_id, valid_from)
       do update set valid_to = 'infinity', phone_key = excluded.phone_key`,
    [context.validFrom],
  );
  return Math.max(closed, opened);
}

/** Of new subscriptions: those of a row beside each other, and no look-up per row when all are new. */
async function openNewIdentifiers(
  client: pg.PoolClient,
  given: readonly string[],
  validFrom: string,
): Promise<void> {
  await fillTable(
    client,
    'subscriber_identifiers',
    `insert into subscriber_identifiers (kind, value, subscriber_id, phone_key, valid_from)
     select w.kind, w.value, s.subscriber_id, w.phone_key,
            case when former.kind is null then '-infinity' else $1::timestamptz end
       from ${STAGING} s ${identifiersOf(given)}
       left join (select distinct kind, value from subscriber_identifiers
                   where kind in ('imsi', 'msisdn')) as former
         on former.kind = w.kind and former.value = w.value
      where s.is_new and w.value is not null`,
    { order: 'w.kind, w.value', values: [validFrom] },
  );
}

async function closeIdentifiers(
  client: pg.PoolClient,
  given: readonly string[],
  validFrom: string,
): Promise<number> {
  const replaced = await affected(
    client,
    `update subscriber_identifiers i set valid_to = greatest($2::timestamptz, i.valid_from)
       from ${STAGING} s
      where i.subscriber_id = s.subscriber_id and not s.is_new and i.kind = any($1)
        and i.valid_to = 'infinity' and not exists (select from import_identifiers w
          where w.kind = i.kind and w.value = i.value and w.subscriber_id = i.subscriber_id)`,
    [given, validFrom],
  );
  // a card or number that moved to another subscription, known or new
  const moved = await Promise.all(
    given
      .filter((kind) => kind === 'imsi' || kind === 'msisdn')
      .map((kind) =>
        affected(
          client,
          `update subscriber_identifiers i set valid_to = greatest($1::timestamptz, i.valid_from)
             from ${STAGING} s
            where i.kind = '${kind}' and i.value = s.${kind}
              and i.subscriber_id <> s.subscriber_id and i.valid_to = 'infinity'`,
          [validFrom],
        ),
      ),
  );
  return moved.reduce((sum, each) => sum + each, replaced);
}

async function mergeUsualCells(client: pg.PoolClient): Promise<number> {
  await client.query(
    `create temp table import_usual on commit drop as
     select s.subscriber_id, c.cell_no, c.weight
       from ${STAGING} s, unnest(s.cells, s.weights) as c (cell_no, weight)
      where not s.is_new`,
  );
  await client.query('analyze import_usual');
  await client.query(
    `update subscribers p set declares_cells = cardinality(s.cells) > 0 from ${STAGING} s
      where p.subscriber_id = s.subscriber_id and not s.is_new
        and p.declares_cells <> (cardinality(s.cells) > 0)`,
  );
  const gone = await affected(
    client,
    `delete from usual_cells u using ${STAGING} s
      where u.subscriber_id = s.subscriber_id and u.part = 0 and not s.is_new and not exists
        (select from import_usual n where n.subscriber_id = u.subscriber_id
          and n.cell_no = u.cell_no)`,
  );
  await fillTable(
    client,
    'usual_cells',
    `insert into usual_cells (subscriber_id, cell_no, weight, class)
     select s.subscriber_id, c.cell_no, c.weight, s.class
       from ${STAGING} s, unnest(s.cells, s.weights) as c (cell_no, weight)
      where s.is_new`,
    { order: 'c.cell_no, s.subscriber_id' },
  );
  const { rows } = await client.query<{ updated: number }>(
    `with merged as (
       insert into usual_cells as u (subscriber_id, cell_no, weight, class)
       select n.subscriber_id, n.cell_no, n.weight, s.class
         from import_usual n join subscribers s using (subscriber_id)
         left join usual_cells p
           on p.subscriber_id = n.subscriber_id and p.part = 0 and p.cell_no = n.cell_no
        where p.weight is distinct from n.weight
        order by n.cell_no, n.subscriber_id
       on conflict (subscriber_id, part, cell_no) do update set weight = excluded.weight
       returning subscriber_id)
     select count(distinct subscriber_id)::int as updated from merged`,
  );
  return Math.max(gone, rows[0]?.updated ?? 0);
}
