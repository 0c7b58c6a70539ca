import Type, { type Static } from 'typebox';
import { IncidentState } from '../domain/incident.js';
import { CellState, IncidentItem, inline, Nullable, Time } from './schemas.js';

const Cause = Type.Object({ kind: Type.String(), id: Type.String() });

/** One site as a field crew needs it. */
export const SiteView = Type.Object({
  id: Type.String(),
  name: Nullable(Type.String()),
  lat: Type.Number(),
  lon: Type.Number(),
  zone: Nullable(Type.String()),
  cells: Type.Array(
    Type.Object({
      id: Type.String(),
      technology: Nullable(Type.String()),
      vendor: Nullable(Type.String()),
      azimuth: Nullable(Type.Number()),
      state: CellState,
      degree: Type.Number({ description: 'share of service lost' }),
      since: Nullable(Time),
      incidentId: Nullable(Type.String()),
    }),
    { description: 'worst first' },
  ),
  now: Type.Array(
    Type.Object({
      ...IncidentItem.properties,
      cellsHere: Type.Integer(),
      sinceHere: Nullable(Time),
    }),
    { description: 'running incidents that hold cells here, or may; greatest impact first' },
  ),
  waiting: Type.Object(
    {
      people: Type.Integer({ description: 'who live, usually are or were seen here' }),
      expected: Type.Number({ description: 'sum of their probabilities' }),
      withoutService: Type.Integer(),
      isEstimate: Type.Boolean({ description: 'who is affected is still being listed' }),
    },
    { description: 'people affected here now, machines left out' },
  ),
  dependsOn: Type.Array(Cause, { description: 'links and functions above it, nearest first' }),
  days: Type.Integer(),
  before: Type.Array(
    Type.Object({
      incidentId: Type.String(),
      state: inline(IncidentState),
      severity: Type.String(),
      cause: Cause,
      from: Time,
      to: Nullable(Time),
      cells: Type.Integer({ description: 'of this site' }),
      degree: Type.Number({ description: 'the most that a cell here lost' }),
    }),
    { description: 'incidents that held cells here before, newest first, at most 100' },
  ),
  beforeCount: Type.Integer(),
});
export type SiteView = Static<typeof SiteView>;
