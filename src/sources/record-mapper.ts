import { messageOf, TocsinError } from '../domain/errors.js';
import type { FieldSource } from '../domain/feed.js';
import type { CompiledFeed } from './compiled-feed.js';
import { decimalOf } from './decimal.js';
import { durationSeconds } from './durations.js';
import { type Member, memberAt } from './json-payload.js';

/** A record in our words, before it is held against the schema. */
export type MappedFields = Record<string, unknown>;

/** Turns one field's value into what the schema wants, or leaves it for the schema to refuse. */
type Normalise = (value: unknown) => unknown;

/** VES has no "cleared": its NORMAL clears (3GPP and ONAP VES 7.2, faultFields.eventSeverity). */
const SEVERITIES: Readonly<Record<string, string>> = { normal: 'cleared', clear: 'cleared' };
const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  false: false,
  yes: true,
  no: false,
};

const asText: Normalise = (value) => (typeof value === 'number' ? String(value) : value);
const asNumber: Normalise = (value) => {
  const number = typeof value === 'string' ? decimalOf(value.trim()) : Number.NaN;
  return number === number ? number : value;
};
const asBoolean: Normalise = (value) =>
  typeof value === 'string' ? (BOOLEANS[value.toLowerCase()] ?? value) : value;
const asSeverity: Normalise = (value) => {
  if (typeof value !== 'string') return value;
  const lower = value.trim().toLowerCase();
  return SEVERITIES[lower] ?? lower;
};

const asMedia: Normalise = (value) =>
  typeof value === 'string' ? value.trim().toLowerCase() : value;

/** Also the states of TMF621 4.0 (TroubleTicketStatusType). */
const TICKET_STATES: Readonly<Record<string, string>> = {
  open: 'open',
  new: 'open',
  acknowledged: 'open',
  inprogress: 'open',
  pending: 'open',
  held: 'open',
  closed: 'closed',
  resolved: 'closed',
  withdrawn: 'withdrawn',
  cancelled: 'withdrawn',
  rejected: 'withdrawn',
};
const asTicketState: Normalise = (value) => {
  if (typeof value !== 'string') return value;
  return TICKET_STATES[value.toLowerCase().replace(/[\s_-]/g, '')] ?? value;
};

const NORMALISE: Readonly<Record<string, Normalise>> = {
  schemaVersion: asNumber,
  perceivedSeverity: asSeverity,
  serviceAffecting: asBoolean,
  alarmId: asText,
  objectId: asText,
  specificProblem: asText,
  probableCause: asText,
  ticketId: asText,
  resourceId: asText,
  incidentId: asText,
  saidBy: asText,
  state: asTicketState,
  subscriber: asText,
  cell: asText,
  queue: asText,
  media: asMedia,
  ivrOffered: asNumber,
  ivrContained: asNumber,
  intervalSeconds: asNumber,
  offered: asNumber,
  answered: asNumber,
  abandoned: asNumber,
  handleSeconds: asNumber,
  name: asText,
  area: asText,
  callId: asText,
  outcome: asMedia,
  count: asNumber,
};

/**
 * Makes the mapping of a feed of kind `alarm`, `presence`, `calls`, `ticket` or `counts`: our field names to members of
 * the source's records. Without `fields` the records are in our words already. Empty text and null
 * are absent; a feed of calls gives its `period` where records say no interval. One that maps `time`
 * is of single calls.
 * @returns undefined for a record that the feed passes over
 * @throws TocsinError `input.rules` for a regular expression that is none
 */
export function recordMapper(
  feed: CompiledFeed,
): (record: Readonly<Record<string, unknown>>) => MappedFields | undefined {
  const { fields, kind, object, time, period, skip } = feed.feed;
  const skipped = Object.entries(skip ?? {}).map(([path, values]) => ({
    member: memberAt(path),
    values: new Set<unknown>(values),
  }));
  const hasPeriod = (kind === 'calls' || kind === 'counts') && period !== undefined;
  const intervalSeconds = hasPeriod ? durationSeconds(period) : undefined;
  const defaults: MappedFields = kind === 'counts' ? { name: feed.name } : {};
  const members: [string, Member][] = Object.entries(fields ?? {}).map(([name, path]) => [
    name,
    fieldReader(name, path),
  ]);
  const add = (name: string, column: string | undefined): void => {
    const isThere = members.some(([known]) => known === name);
    if (column !== undefined && !isThere) members.push([name, memberAt(column)]);
  };
  if (kind === 'alarm') add('objectId', object?.column);
  if (kind === 'presence') add('cell', object?.column);
  if (kind === 'ticket') add('resourceId', object?.column);
  if (fields !== undefined && !(kind === 'calls' && fields.time !== undefined)) {
    add(TIME_FIELDS[kind] ?? 'time', time?.column);
  }
  return (record) => {
    if (skipped.some(({ member, values }) => values.has(member(record)))) return undefined;
    const mapped: MappedFields = { ...defaults };
    if (fields === undefined) {
      for (const name of Object.keys(record)) put(mapped, name, record[name]);
    }
    for (const [name, member] of members) put(mapped, name, member(record));
    if (intervalSeconds !== undefined && !isSingleCall(kind, mapped)) {
      mapped.intervalSeconds ??= intervalSeconds;
    }
    return mapped;
  };
}

/** Whether a record is of one call, and not of the calls of an interval. */
export function isSingleCall(kind: string, mapped: MappedFields): boolean {
  return kind === 'calls' && mapped.start === undefined && mapped.time !== undefined;
}

function fieldReader(name: string, source: FieldSource): Member {
  if (typeof source === 'string') return memberAt(source);
  if (Array.isArray(source)) {
    const members = source.map(memberAt);
    return (record) => {
      for (const member of members) {
        const value = member(record);
        if (value !== undefined && value !== null && value !== '') return value;
      }
      return undefined;
    };
  }
  const { path, match } = source as Exclude<FieldSource, string | string[]>;
  const member = memberAt(path);
  const pattern = patternOf(name, match);
  return (record) => {
    const found = pattern.exec(String(member(record) ?? ''));
    return found === null ? undefined : (found[1] ?? found[0]);
  };
}

function patternOf(name: string, match: string): RegExp {
  try {
    return new RegExp(match, 'u');
  } catch (error) {
    throw new TocsinError('input.rules', `fields.${name}.match: ${messageOf(error)}`);
  }
}

/** The field that holds a record's own time, by the kind of feed. */
export const TIME_FIELDS: Readonly<Record<string, string>> = {
  alarm: 'alarmRaisedTime',
  presence: 'time',
  calls: 'start',
  ticket: 'saidAt',
  counts: 'start',
};

function put(mapped: MappedFields, name: string, value: unknown): void {
  if (value === undefined || value === null || value === '' || name === '__proto__') return;
  const normalise = Object.hasOwn(NORMALISE, name) ? NORMALISE[name] : undefined;
  mapped[name] = normalise === undefined ? value : normalise(value);
}
