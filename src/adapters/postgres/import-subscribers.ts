import type pg from 'pg';
import { CHANNELS } from '../../domain/customer.js';
import type { CopyValue } from './copy.js';
import type { ImportContext, ImportKind } from './import-kind.js';
import type { RowReader } from './import-row.js';
import { IDENTITY, mergeSubscribers } from './import-subscribers-merge.js';
import { imsiKey, phoneKey } from './phone-key.js';
import { toE164 } from './phone-number.js';

const KINDS = ['person', 'dataOnly', 'machine', 'fleet', 'emergency'];
/** Places in a row, counting its line, of what is looked up before it is staged. */
const CLASS = 8;
const CELLS = 12;
/** Names that a dictionary holds before it begins anew. */
const MOST_NAMES = 1_000_000;

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
    ['technologies'],
    ['channels'],
    ['home_site'],
    ['usual_cells'],
  ],
  required: [['imsi', 'msisdn', 'account']],
  staging: `account text, imsi text, msisdn text, contact text, imsi_key bytea, msisdn_key bytea,
    contact_key bytea, class smallint, zone text, channels text, home_site text, cells int[], weights real[],
    subscriber_id int default nextval(pg_get_serial_sequence('subscribers', 'subscriber_id')),
    is_new boolean default true`,
  key: [IDENTITY],
  read: readSubscriber,
  resolver,
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
  if ((imsi ?? msisdn ?? account) === null) row.reject('imsi, msisdn and account are all empty');
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
    [
      row.oneOf('kind', KINDS, 'person'),
      row.optional('brand', 64) ?? '',
      row.optional('segment', 64) ?? 'consumer',
      (row.optional('language', 35) ?? 'fr').toLowerCase(),
      String(row.boolean('vulnerable', false)),
      readTechnologies(row),
    ],
    row.zone('zone'),
    readChannels(row),
    row.optional('home_site'),
    cells,
    weights,
  ];
}

/**
 * Puts numbers in place of classes and cells, which are few and come again and again: so the database
 * need not look at each row for them. A number once given stays, whatever becomes of the import.
 */
function resolver(): (client: pg.PoolClient, rows: readonly CopyValue[][]) => Promise<void> {
  const classes = new Map<string, number>();
  const cells = new Map<string, number>();
  return async (client, rows) => {
    if (cells.size > MOST_NAMES) cells.clear();
    if (classes.size > MOST_NAMES) classes.clear();
    await learnClasses(client, rows, classes);
    await learnCells(client, rows, cells);
    for (const row of rows) {
      row[CLASS] = classes.get(listOf(row[CLASS]).join('\t')) ?? null;
      row[CELLS] = listOf(row[CELLS]).map((id) => String(cells.get(id)));
    }
  };
}

const listOf = (value: CopyValue | undefined): readonly string[] =>
  Array.isArray(value) ? value : [];

async function learnClasses(
  client: pg.PoolClient,
  rows: readonly CopyValue[][],
  known: Map<string, number>,
): Promise<void> {
  const news = new Map<string, readonly string[]>();
  for (const row of rows) {
    const given = listOf(row[CLASS]);
    const key = given.join('\t');
    if (!known.has(key)) news.set(key, given);
  }
  for (const [key, given] of news) {
    const { rows: found } = await client.query<{ class: number }>(
      'select subscriber_class($1, $2, $3, $4, $5, $6) as class',
      [...given],
    );
    if (found[0]) known.set(key, found[0].class);
  }
}

async function learnCells(
  client: pg.PoolClient,
  rows: readonly CopyValue[][],
  known: Map<string, number>,
): Promise<void> {
  const news = new Set<string>();
  for (const row of rows) {
    for (const id of listOf(row[CELLS])) if (!known.has(id)) news.add(id);
  }
  if (news.size === 0) return;
  const { rows: found } = await client.query<{ cell_id: string; cell_no: number }>(
    'select cell_id, cell_no from number_cells($1)',
    [[...news]],
  );
  for (const { cell_id, cell_no } of found) known.set(cell_id, cell_no);
}

/** More kinds of devices than these are no kinds: a serial number in the wrong column. */
const MOST_TECHNOLOGIES = 16;

/** What the device can use, as cells.csv spells technologies: `LTE800|LTE1800`; sorted, each once. */
function readTechnologies(row: RowReader): string {
  const given = (row.optional('technologies', 256) ?? '').split('|');
  const names = new Set(given.map((each) => each.trim()).filter((each) => each !== ''));
  if (names.size > MOST_TECHNOLOGIES)
    row.reject(`technologies are ${names.size}, allowed: at most ${MOST_TECHNOLOGIES}`);
  return [...names].sort().join('|');
}

/** By which they want to be told, the most wanted first: `push|sms`; empty: not known. */
function readChannels(row: RowReader): string {
  const given = (row.optional('channels', 64) ?? '').toLowerCase().split('|');
  const names = given.map((each) => each.trim()).filter((each) => each !== '');
  const isKnown = names.every((each) => CHANNELS.some((channel) => channel === each));
  if (!isKnown || new Set(names).size < names.length) {
    row.reject(`channels are "${names.join('|')}", allowed: ${CHANNELS.join(', ')}, each once`);
  }
  return names.join('|');
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
