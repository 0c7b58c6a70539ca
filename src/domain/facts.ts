import Type, { type Static } from 'typebox';
import { AgentAnswer, StatedAffected } from './agent-answer.js';
import type { Alarm } from './alarm.js';
import type { CountInterval } from './count-interval.js';
import type { ReportBlock } from './kpi.js';
import { Media } from './media.js';
import type { PastIncident } from './past-incident.js';
import type { SingleCall } from './single-call.js';
import type { Ticket } from './ticket.js';

/** A subscriber seen at a cell. `subscriber` is an IMSI or MSISDN as the source spells it. */
export const Presence = Type.Object(
  {
    schemaVersion: Type.Optional(Type.Literal(1)),
    subscriber: Type.String({ minLength: 3, maxLength: 64 }),
    cell: Type.String({ minLength: 1, maxLength: 256 }),
    time: Type.String({ format: 'date-time' }),
  },
  { additionalProperties: false, $id: 'presence' },
);
export type Presence = Static<typeof Presence>;

/** More calls than any queue gets in an interval: a greater figure is a mistake of the source. */
const MOST_CALLS = 10_000_000;

const Calls = (description: string) =>
  Type.Number({ minimum: 0, maximum: MOST_CALLS, description });

/**
 * Calls that came to one queue in one interval. A call that the IVR answers is never offered to the
 * queue, so the measures of the IVR stand beside those of the queue and are in none of them.
 */
export const CallInterval = Type.Object(
  {
    schemaVersion: Type.Optional(Type.Literal(1)),
    queue: Type.String({ minLength: 1, maxLength: 128 }),
    media: Type.Optional(Media),
    area: Type.Optional(
      Type.String({ maxLength: 128, description: 'site or town, when the ACD knows it' }),
    ),
    start: Type.String({ format: 'date-time' }),
    intervalSeconds: Type.Integer({ minimum: 60, maximum: 86_400 }),
    ivrOffered: Type.Optional(Calls('that reached the IVR before this queue')),
    ivrContained: Type.Optional(Calls('of those, how many ended there, served or given up')),
    offered: Calls('that the queue was to answer'),
    answered: Type.Optional(Calls('by an agent')),
    abandoned: Type.Optional(Calls('given up while waiting in the queue')),
    handleSeconds: Type.Optional(
      Type.Number({ minimum: 0, maximum: 86_400, description: 'mean handle time' }),
    ),
  },
  { additionalProperties: false, $id: 'call-interval' },
);
export type CallInterval = Static<typeof CallInterval>;

/** A resource that an operator names; without `type` whatever has the id. */
export const NamedResource = Type.Object(
  {
    type: Type.Optional(
      Type.Union([
        Type.Literal('cell'),
        Type.Literal('sector'),
        Type.Literal('site'),
        Type.Literal('link'),
        Type.Literal('function'),
        Type.Literal('software'),
      ]),
    ),
    id: Type.String({ minLength: 1, maxLength: 256 }),
  },
  { additionalProperties: false },
);
export type NamedResource = Static<typeof NamedResource>;

/** Most cells that one split names. */
const MOST_SPLIT_CELLS = 10_000;

/** What an operator can do to one incident. */
export const IncidentAction = Type.Union([
  Type.Literal('acknowledge'),
  Type.Literal('approve'),
  Type.Literal('hold'),
  Type.Literal('cancel'),
  Type.Literal('notAnIncident'),
  Type.Literal('setRepair'),
  Type.Literal('setCause'),
  Type.Literal('merge'),
  Type.Literal('split'),
  Type.Literal('silence'),
  Type.Literal('comment'),
  Type.Literal('reported'),
  Type.Literal('undoReported'),
]);

/** What an operator did, journalled like any input so that a replay repeats it. */
export const OperatorAct = Type.Object(
  {
    actId: Type.String(),
    at: Type.String({ format: 'date-time' }),
    actor: Type.String(),
    why: Type.String({ maxLength: 1024 }),
    action: Type.Union([
      ...IncidentAction.anyOf,
      Type.Literal('acceptLevel'),
      Type.Literal('revertModel'),
      Type.Literal('correctRate'),
      Type.Literal('revertPattern'),
      Type.Literal('resumePattern'),
      Type.Literal('killSwitchOn'),
      Type.Literal('killSwitchOff'),
      Type.Literal('agentAnswer'),
      Type.Literal('undoAnswer'),
    ]),
    incidentId: Type.Optional(Type.String()),
    feed: Type.Optional(
      Type.String({ maxLength: 256, description: 'revertModel, correctRate: default all feeds' }),
    ),
    queue: Type.Optional(
      Type.String({
        maxLength: 160,
        description: 'revertPattern, resumePattern: whose call pattern; default all queues',
      }),
    ),
    value: Type.Optional(
      Type.String({ description: 'setRepair: the new time; correctRate: a factor, 0.01 to 100' }),
    ),
    ticketId: Type.Optional(
      Type.String({ maxLength: 256, description: 'setRepair: the ticket that says so' }),
    ),
    into: Type.Optional(
      Type.String({ maxLength: 256, description: 'merge: the incident it goes on as' }),
    ),
    cells: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 256 }), {
        minItems: 1,
        maxItems: MOST_SPLIT_CELLS,
        description:
          'split: cells that become an incident of their own, or those under resource; agentAnswer: where the person is',
      }),
    ),
    resource: Type.Optional(NamedResource),
    subscriberId: Type.Optional(
      Type.Integer({ description: 'agentAnswer, undoAnswer: the person it is about' }),
    ),
    answer: Type.Optional(AgentAnswer),
    stated: Type.Optional(StatedAffected),
    undoes: Type.Optional(
      Type.String({ maxLength: 256, description: 'undoAnswer: the act that is taken back' }),
    ),
    clock: Type.Optional(
      Type.String({
        maxLength: 60,
        description: 'reported, undoReported: the duty, by its id in clocks of rules/impact.yaml',
      }),
    ),
    until: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'silence: until when nothing opens or is told; a time gone by ends it',
      }),
    ),
  },
  { additionalProperties: false, $id: 'operator-act' },
);
export type OperatorAct = Static<typeof OperatorAct>;

/** From here on the network is as an import has left it; which one, by its number. */
export interface NetworkChange {
  readonly version: number;
}

/** From here on past calls are as an import has left them; which ones, by their number. */
export interface CallHistoryChange {
  readonly version: number;
}

/** What the journal holds: every input that a stage acts on. */
export type Fact =
  | { readonly kind: 'reports'; readonly block: ReportBlock }
  | { readonly kind: 'alarms'; readonly items: readonly Alarm[] }
  | { readonly kind: 'presence'; readonly items: readonly Presence[] }
  | { readonly kind: 'calls'; readonly items: readonly CallInterval[] }
  | { readonly kind: 'singleCalls'; readonly items: readonly SingleCall[] }
  | { readonly kind: 'counts'; readonly items: readonly CountInterval[] }
  | { readonly kind: 'pastCounts'; readonly items: readonly CountInterval[] }
  | { readonly kind: 'acts'; readonly items: readonly OperatorAct[] }
  | { readonly kind: 'tickets'; readonly items: readonly Ticket[] }
  | { readonly kind: 'pastIncidents'; readonly items: readonly PastIncident[] }
  | { readonly kind: 'network'; readonly items: readonly NetworkChange[] }
  | { readonly kind: 'callHistory'; readonly items: readonly CallHistoryChange[] }
  | { readonly kind: 'tick'; readonly nowMs: number };

/** A fact with its place in a journal stream. Offsets rise by at least 1. */
export type JournalEntry = { readonly offset: number; readonly fact: Fact };

/**
 * How far a source has been read, stored in the transaction that journals what was read, so that
 * neither can be ahead of the other.
 */
export interface SourcePosition {
  readonly source: string;
  readonly position: unknown;
}

/** Something that could not be read, kept so that a person can see why. */
export interface DeadLetter {
  readonly feed: string;
  /** `journal`: it was read well and could not be stored by the decisions */
  readonly source: 'http' | 'kafka' | 'influx' | 'file' | 'journal';
  /** short and from a closed set, since it is a metric label, such as `kpi.outOfRange` */
  readonly reason: string;
  /** names what, where and what is allowed */
  readonly detail: string;
  readonly payload: Uint8Array | string;
}
