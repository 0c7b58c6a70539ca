import Type, { type Static } from 'typebox';
import { NamedResource } from '../domain/facts.js';
import { type CauseCandidate, IncidentState } from '../domain/incident.js';
import { inline, Nullable, Time } from './schemas.js';

const Resource = Type.Object({ kind: Type.String(), id: Type.String() });

/** Another running incident with what it shares with the one that was asked about. */
export const RelatedIncident = Type.Object({
  id: Type.String(),
  state: inline(IncidentState),
  startedAt: Time,
  places: Type.Array(Type.String()),
  placeCount: Type.Integer(),
  cellCount: Type.Integer(),
  subscribers: Nullable(Type.Integer()),
  cause: Resource,
  apartSeconds: Type.Integer({ description: 'between the starts of both' }),
  sharedSites: Type.Integer(),
  sharedCauses: Type.Array(Resource, { description: 'candidates of both, most probable first' }),
  sharedResources: Type.Array(Resource, {
    description: 'what sites of both depend on, closest to the sites first; at most 3',
  }),
});
export type RelatedIncident = Static<typeof RelatedIncident>;

/** Something of the network that an act can name. */
export const ResourceItem = Type.Object({
  type: Type.Union([
    Type.Literal('cell'),
    Type.Literal('site'),
    Type.Literal('link'),
    Type.Literal('function'),
    Type.Literal('software'),
  ]),
  id: Type.String(),
  kind: Type.String({ description: 'such as transport, power or LTE' }),
  name: Nullable(Type.String()),
});
export type ResourceItem = Static<typeof ResourceItem>;

/** A silence that is on. */
export const SilenceItem = Type.Object({
  actId: Type.String(),
  incidentId: Nullable(Type.String({ description: 'null for a silence of a resource' })),
  resource: Nullable(NamedResource),
  places: Type.Array(Type.String(), { description: 'of the incident' }),
  until: Time,
  since: Time,
  by: Type.String(),
  why: Type.String(),
});
export type SilenceItem = Static<typeof SilenceItem>;

/** What was stated of an incident's cause. */
export interface StatedCause {
  readonly candidates: readonly Static<typeof CauseCandidate>[];
  /** the person who said so; null where it is Tocsin's own judgement */
  readonly setBy: string | null;
}

/** Models of one feed in one shard. */
export const LaneModel = Type.Object({
  stream: Type.String({ description: 'the shard’s part of the journal' }),
  feed: Type.String(),
  version: Type.Integer({ description: '0 is as shipped' }),
  previousVersion: Nullable(Type.Integer({ description: 'what going back leads to' })),
  clusters: Type.Integer(),
  rateFactor: Type.Number({
    description: 'times the share of periods that may be raised by chance; 1 as the rules have it',
  }),
  calibration: Type.Array(
    Type.Object({
      kpi: Type.String(),
      vendor: Type.String({ description: 'empty where it is not known' }),
      beyondHundredth: Type.Number({ description: 'share of scores; 0.01 is right' }),
      beyondThousandth: Type.Number({ description: 'share of scores; 0.001 is right' }),
      isLost: Type.Boolean({ description: 'too many or hardly any, for days on end' }),
    }),
  ),
});
export type LaneModel = Static<typeof LaneModel>;

/** A deviation that was taken for the new normal. */
export const AcceptedLevel = Type.Object({
  at: Time,
  feed: Type.String(),
  objectType: Type.String(),
  objectId: Type.String(),
  kpi: Type.String(),
  accepted: Type.Union([Type.Literal('lasting'), Type.Literal('operator')]),
  startedAt: Time,
  observed: Nullable(Type.Number()),
  expected: Nullable(Type.Number()),
});
export type AcceptedLevel = Static<typeof AcceptedLevel>;
