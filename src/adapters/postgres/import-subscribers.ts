import type pg from 'pg';
import type { CopyValue } from './copy.js';
import { fillTable } from './fill-table.js';
import { affected, type ImportContext, type ImportKind, refuse, STAGING } from './import-kind.js';
import type { RowReader } from './import-row.js';
import { imsiKey, phoneKey } from './phone-key.js';
import { toE164 } from './phone-number.js';

const KINDS = ['person', 'dataOnly', 'machine', 'fleet', 'emergency'];
const ATTRIBUTES = ['kind', 'brand', 'segment', 'language', 'zone', 'vulnerable', 'home_site'];
const IDENTIFIERS = ['imsi', 'msisdn', 'account', 'contact'] as const;

/**
 * Subscriptions. One is found again by its IMSI, else by its number, else, having neither, by its
 * account; a new card or a new number keeps the subscription and closes the old identifier.
 */
export const subscribers: ImportKind = {
  columns: [
    ['account', 'account_id'],
    ['imsi'],
    ['msisdn', 'number'],
    ['contact', 'contact_number'],
    ['kind'],
    ['brand'],
    ['segment'],
    ['language'],
    ['zone'],
    ['vulnerable'],
    ['home_site'],
    ['usual_cells'],
  ],
  required: [['imsi', 'msisdn', 'account']],
  staging: `account text, imsi text, msisdn text, contact text, imsi_key bytea, msisdn_key bytea,
    contact_key bytea, kind text, brand text, segment text, language text, zone text,
    vulnerable boolean, home_site text, cells text[], weights real[], identity text,
    subscriber_id bigint default nextval(pg_get_serial_sequence('subscribers', 'subscriber_id')),
    is_new boolean default true`,
  key: ['identity'],
  read: readSubscriber,
  merge: mergeSubscribers,
  largeTables: ['subscribers', 'subscriber_identifiers', 'usual_cells'],
};

function readSubscriber(row: RowReader, context: ImportContext): CopyValue[] {
  const account = row.optional('account', 64);
  const imsi = row.optional('imsi', 64);
  if (imsi !== null && !/^\d{6,15}$/.test(imsi)) {
    row.reject('imsi is not 6 to 15 digits (ITU-T E.212)');
  }
  const msisdn = readNumber(row, 'msisdn', context);
  const contact = readNumber(row, 'contact', context);
  const identity = imsi ?? msisdn ?? account;
  if (identity === null) row.reject('imsi, msisdn and account are all empty');
  const { cells, weights } = readCells(row);
  const secret = context.phoneSecret;
  const msisdnKey = msisdn === null ? null : phoneKey(secret, msisdn);
  return [
    account,
    imsi,
    msisdn,
    contact,
    imsi === null || !context.hasErasures ? null : imsiKey(secret, imsi),
    msisdnKey,
    contact === msisdn ? msisdnKey : contact === null ? null : phoneKey(secret, contact),
    row.oneOf('kind', KINDS, 'person'),
    row.optional('brand', 64) ?? '',
    row.optional('segment', 64) ?? 'consumer',
    (row.optional('language', 35) ?? 'fr').toLowerCase(),
    row.zone('zone'),
    row.boolean('vulnerable', false),
    row.optional('home_site'),
    cells,
    weights,
    identity,
  ];
}

function readNumber(row: RowReader, column: string, context: ImportContext): string | null {
  const text = row.optional(column, 40);
  if (text === null) return null;
  const number = toE164(text, context.region);
  if (number === undefined) row.reject(`${column} is not a phone number`);
  return number ?? null;
}

/** `CELL1:0.6|CELL2:0.3`, a share of time each, together at most 1. */
function readCells(row: RowReader): { cells: string[]; weights: string[] } {
  const text = row.optional('usual_cells', 8192);
  const shares = new Map<string, number>();
  let total = 0;
  for (const part of text === null ? [] : text.split('|')) {
    const colon = part.lastIndexOf(':');
    const cell = part.slice(0, colon).trim();
    const weight = Number(part.slice(colon + 1));
    if (colon < 1 || cell === '' || !(weight > 0 && weight <= 1)) {
      row.reject(`usual_cells holds "${part}", allowed: CELL:SHARE with a share above 0 to 1`);
    }
    if (shares.has(cell)) row.reject(`usual_cells names ${cell} twice`);
    shares.set(cell, weight);
    total += weight;
  }
  if (total > 1.001) row.reject(`usual_cells sum to ${total.toFixed(3)}, allowed: at most 1`);
  return { cells: [...shares.keys()], weights: [...shares.values()].map(String) };
}

async function mergeSubscribers(client: pg.PoolClient, context: ImportContext) {
  await refuse(
    client,
    `exists (select from erasures e
              where e.identifier_key in (s.imsi_key, s.msisdn_key))`,
    `'this person was erased'`,
  );
  await findKnown(client);
  await refuse(
    client,
    `exists (select from subscribers p where p.subscriber_id = s.subscriber_id
              and p.erased_at is not null)`,
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
    `s.msisdn is not null and exists (select from ${STAGING} o
       where o.msisdn = s.msisdn and o.line < s.line)`,
    `'an earlier line has this msisdn'`,
  );
  const inserted = await insertNew(client);
  const updated = await updateKnown(client, context);
  const identifiers = await mergeIdentifiers(client, context);
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
  await client.query(`analyze ${STAGING} (subscriber_id, is_new)`);
}

/** Classes are given once for all, since asking for each row's would double the time. */
async function insertNew(client: pg.PoolClient): Promise<number> {
  const names = ['subscriber_id', ...ATTRIBUTES].join(', ');
  await client.query(
    `select count(subscriber_class(kind, brand, segment, language, vulnerable))
       from (select distinct kind, brand, segment, language, vulnerable from ${STAGING}) as each`,
  );
  return affected(
    client,
    `insert into subscribers (${names}, declares_cells, class)
     select s.subscriber_id, ${ATTRIBUTES.map((name) => `s.${name}`).join(', ')},
            cardinality(s.cells) > 0, c.class
       from ${STAGING} s join subscriber_classes c
         using (kind, brand, segment, language, vulnerable)
      where s.is_new order by s.subscriber_id`,
  );
}

async function updateKnown(client: pg.PoolClient, context: ImportContext): Promise<number> {
  const given = ATTRIBUTES.filter((name) => context.columns.has(name));
  if (given.length === 0) return 0;
  const tuple = (alias: string): string => given.map((name) => `${alias}.${name}`).join(', ');
  return affected(
    client,
    `update subscribers p set ${given.map((name) => `${name} = s.${name}`).join(', ')}
       from ${STAGING} s where p.subscriber_id = s.subscriber_id and not s.is_new
        and (${tuple('p')}) is distinct from (${tuple('s')})`,
  );
}

/**
 * Closes what staging no longer says and opens what it says anew. A first identifier of a kind is
 * valid since ever; one that replaces another is valid from now.
 */
async function mergeIdentifiers(client: pg.PoolClient, context: ImportContext): Promise<number> {
  const given = IDENTIFIERS.filter((kind) => context.columns.has(kind));
  const wanted = given
    .map((kind) => {
      const key = kind === 'msisdn' || kind === 'contact' ? `${kind}_key` : 'null::bytea';
      return `select subscriber_id, is_new, '${kind}' as kind, ${kind} as value, ${key} as phone_key
                from ${STAGING} where ${kind} is not null`;
    })
    .join(' union all ');
  await client.query(`create temp table import_identifiers on commit drop as ${wanted}`);
  await client.query('analyze import_identifiers');
  const closed = await closeIdentifiers(client, given, context.validFrom);
  await openNewIdentifiers(client, context.validFrom);
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
      where not w.is_new and present.kind is null
     on conflict (kind, value, subscriber_id, valid_from)
       do update set valid_to = 'infinity', phone_key = excluded.phone_key`,
    [context.validFrom],
  );
  return Math.max(closed, opened);
}

/** Of new subscriptions: sets joined once and no look-up per row, since these are the many. */
async function openNewIdentifiers(client: pg.PoolClient, validFrom: string): Promise<void> {
  await fillTable(
    client,
    'subscriber_identifiers',
    `insert into subscriber_identifiers (kind, value, subscriber_id, phone_key, valid_from)
     select w.kind, w.value, w.subscriber_id, w.phone_key,
            case when former.kind is null then '-infinity' else $1::timestamptz end
       from import_identifiers w
       left join (select distinct kind, value from subscriber_identifiers
                   where kind in ('imsi', 'msisdn')) as former
         on former.kind = w.kind and former.value = w.value
      where w.is_new order by w.kind, w.value`,
    [validFrom],
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
  // a card or number that moved to another subscription
  const moved = await affected(
    client,
    `update subscriber_identifiers i set valid_to = greatest($1::timestamptz, i.valid_from)
       from import_identifiers w
      where i.kind = w.kind and i.value = w.value and i.kind in ('imsi', 'msisdn')
        and i.subscriber_id <> w.subscriber_id and i.valid_to = 'infinity'`,
    [validFrom],
  );
  return replaced + moved;
}

async function mergeUsualCells(client: pg.PoolClient): Promise<number> {
  await client.query(
    `create temp table import_usual on commit drop as
     with named as (
       select array(select distinct c from ${STAGING} s, unnest(s.cells) as c) as ids)
     select s.subscriber_id, s.is_new, n.cell_no, c.weight
       from ${STAGING} s, unnest(s.cells, s.weights) as c (cell_id, weight)
       join (select distinct x.* from named, number_cells(named.ids) x) n using (cell_id)`,
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
     select subscriber_id, cell_no, weight, s.class
       from import_usual join subscribers s using (subscriber_id) where is_new
      order by cell_no, subscriber_id`,
  );
  const { rows } = await client.query<{ updated: number }>(
    `with merged as (
       insert into usual_cells as u (subscriber_id, cell_no, weight, class)
       select n.subscriber_id, n.cell_no, n.weight, s.class
         from import_usual n join subscribers s using (subscriber_id)
         left join usual_cells p
           on p.subscriber_id = n.subscriber_id and p.part = 0 and p.cell_no = n.cell_no
        where not n.is_new and p.weight is distinct from n.weight
        order by n.cell_no, n.subscriber_id
       on conflict (subscriber_id, part, cell_no) do update set weight = excluded.weight
       returning subscriber_id)
     select count(distinct subscriber_id)::int as updated from merged`,
  );
  return Math.max(gone, rows[0]?.updated ?? 0);
}
