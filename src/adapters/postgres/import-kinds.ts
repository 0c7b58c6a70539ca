import { TocsinError } from '../../domain/errors.js';
import { calls, optouts, roster } from './import-calls.js';
import { counts } from './import-counts.js';
import { genesysCalls } from './import-genesys.js';
import type { ImportKind } from './import-kind.js';
import { presence } from './import-presence.js';
import { incidents, tickets } from './import-repairs.js';
import { singleCalls } from './import-single-calls.js';
import { subscribers } from './import-subscribers.js';
import { aliases, cells, links, neighbours, sites, works } from './import-topology.js';

const KINDS = {
  sites,
  cells,
  links,
  neighbours,
  aliases,
  works,
  subscribers,
  presence,
  calls,
  counts,
  optouts,
  roster,
  tickets,
  incidents,
} satisfies Record<string, ImportKind>;

/** What can be imported. */
export type ImportKindName = keyof typeof KINDS;
export const importKinds = Object.keys(KINDS) as readonly ImportKindName[];

/** Files of other systems, by the kind they are imported as. */
const FORMATS: Readonly<Record<ImportFormat, readonly [ImportKindName, ImportKind]>> = {
  genesys: ['calls', genesysCalls],
  single: ['calls', singleCalls],
};

/** `genesys`: the historical data file of Genesys Cloud's workforce management; `single`: a call a row. */
export type ImportFormat = 'genesys' | 'single';
export const importFormats = Object.keys(FORMATS) as readonly ImportFormat[];

/** @throws TocsinError `input.option` for a format of another kind */
export function kindOf(name: ImportKindName, format: ImportFormat | undefined): ImportKind {
  if (format === undefined) return KINDS[name];
  const [own, kind] = FORMATS[format];
  if (own === name) return kind;
  throw new TocsinError('input.option', `format ${format} is of ${own}, not of ${name}`);
}
