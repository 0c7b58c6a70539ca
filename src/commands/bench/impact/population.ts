import type pg from 'pg';
import { fillTable } from '../../../adapters/postgres/fill-table.js';
import { importRows, type NumberedRow } from '../../../adapters/postgres/import-rows.js';
import { TocsinError } from '../../../domain/errors.js';
import type { Rules } from '../../../service/rules.js';

/** Sizes of a generated country. */
export interface Population {
  readonly people: number;
  readonly cells: number;
  /** the first so many cells have about 1,000 usual-cell rows each */
  readonly denseCells: number;
}

/** Usual cells of everybody. */
export const USUAL_CELLS = 3;
const WEIGHTS = [0.6, 0.25, 0.1];
const PEOPLE_PER_DENSE_CELL = 1000;
export const COLUMNS = [
  'account',
  'imsi',
  'msisdn',
  'kind',
  'brand',
  'segment',
  'language',
  'vulnerable',
  'usual_cells',
];

/** 10 million people and 200,000 cells, or a share of them; the dense cells are 500 if they can be. */
export function populationOf(scale: number): Population {
  const people = Math.max(1000, Math.round(10_000_000 * scale));
  const cells = Math.max(100, Math.round(200_000 * scale));
  const most = Math.floor((people * USUAL_CELLS) / 3 / PEOPLE_PER_DENSE_CELL);
  return { people, cells, denseCells: Math.max(1, Math.min(500, most, Math.floor(cells / 10))) };
}

export const cellId = (cell: number): string => `C${String(cell).padStart(6, '0')}`;
export const imsiOf = (person: number): string => `20801${String(person).padStart(10, '0')}`;
export const numberOf = (person: number): string => `+336${String(person).padStart(8, '0')}`;

/** Uniform in [0,1): a multiplicative hash (Knuth, TAOCP 3, 6.4). */
export function draw(person: number, column: number): number {
  let hash = Math.imul(person + 1, 0x9e3779b1) ^ Math.imul(column + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 13), 0x27d4eb2f);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** The three cells somebody usually is at, anywhere in the country: most to join, least to share. */
export function usualCellsOf(person: number, size: Population): number[] {
  const { people, cells, denseCells } = size;
  const denseShare = (denseCells * PEOPLE_PER_DENSE_CELL) / (people * USUAL_CELLS);
  const chosen: number[] = [];
  for (let n = 0; n < USUAL_CELLS; n++) {
    let cell =
      draw(person, n) < denseShare
        ? Math.floor(draw(person, 10 + n) * denseCells)
        : denseCells + Math.floor(draw(person, 20 + n) * (cells - denseCells));
    while (chosen.includes(cell)) cell = (cell + 1) % cells;
    chosen.push(cell);
  }
  return chosen;
}

/** Subscribers as a file has them. */
export function* subscriberRows(size: Population, people = size.people): Generator<NumberedRow> {
  for (let person = 0; person < people; person++) {
    const kind = person % 20 === 7 ? 'machine' : 'person';
    const usual = usualCellsOf(person, size).map((cell, n) => `${cellId(cell)}:${WEIGHTS[n]}`);
    yield [
      person + 2,
      [
        `A${person}`,
        imsiOf(person),
        numberOf(person),
        kind,
        person % 3 === 0 ? 'mvno' : '',
        person % 6 === 0 ? 'business' : 'consumer',
        person % 4 === 0 ? 'en' : 'fr',
        person % 50 === 0 ? 'true' : 'false',
        usual.join('|'),
      ],
    ];
  }
}

/** Loads everybody as a file of subscribers is loaded. @param phoneSecret of their numbers' keys */
export async function importPeople(
  pool: pg.Pool,
  size: Population,
  phoneSecret: string,
): Promise<void> {
  const source = {
    columns: COLUMNS,
    rows: subscriberRows(size),
    onReject: ({ line, reason }: { line: number; reason: string }) => {
      throw new TocsinError('internal', `line ${line}: ${reason}`);
    },
    origin: 'bench',
  };
  await importRows(pool, 'subscribers', source, { phoneSecret });
}

/** Sites of three cells, neighbours in a row of overlap 1. */
export async function fillNetwork(pool: pg.Pool, { cells }: Population): Promise<void> {
  await pool.query(
    `insert into sites (site_id, name, lat, lon, zone)
     select 'S' || s, 'Town ' || s, 45 + s % 100 * 0.05, s / 100 * 0.01, 'Europe/Paris'
     from generate_series(0, ($1::int - 1) / 3) s`,
    [cells],
  );
  await pool.query(
    `insert into cells (cell_id, site_id)
     select 'C' || lpad(c::text, 6, '0'), 'S' || c / 3 from generate_series(0, $1::int - 1) c`,
    [cells],
  );
  await pool.query(
    `insert into neighbours (cell_id, neighbour_id, weight)
     select 'C' || lpad(c::text, 6, '0'), 'C' || lpad(n::text, 6, '0'), 0.5
     from generate_series(0, $1::int - 1) c, lateral (values (c - 1), (c + 1)) as near (n)
     where n >= 0 and n < $1`,
    [cells],
  );
  await pool.query('analyze sites, cells, neighbours, cell_numbers');
}

/** Everybody was seen at their first usual cell within the five hours before. @param nowMs epoch ms */
export async function fillSightings(pool: pg.Pool, nowMs: number): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await fillTable(
      client,
      'last_seen',
      `insert into last_seen (subscriber_id, cell_no, seen_at)
       select subscriber_id, cell_no, $1::timestamptz - make_interval(secs => subscriber_id % 18000)
       from usual_cells where weight > 0.5 order by subscriber_id`,
      { values: [new Date(nowMs)] },
    );
    await client.query('commit');
    await client.query('vacuum (analyze) last_seen');
  } finally {
    client.release();
  }
}

/** The rules as shipped, with usual cells: the mode that has the most to look at. */
export function learning(rules: Rules): Rules {
  const whereabouts = {
    ...rules.impact.whereabouts,
    mode: 'learnt' as const,
    legalBasis: 'a bench',
  };
  return { ...rules, impact: { ...rules.impact, whereabouts } };
}
