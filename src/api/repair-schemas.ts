import Type, { type Static } from 'typebox';
import { IncidentState } from '../domain/incident.js';
import { inline, Nullable, Time } from './schemas.js';

/** A repair of what may have caused running incidents. */
export const RepairItem = Type.Object({
  kind: Type.String(),
  id: Type.String(),
  alike: Type.Array(Type.Object({ kind: Type.String(), id: Type.String() }), {
    description: 'over the very same cells: evidence cannot tell them from it',
  }),
  savedPerHour: Type.Number({
    description: 'user-minutes saved by each hour that it is done earlier',
  }),
  people: Type.Integer({ description: 'affected by the incidents that it may end' }),
  emergency: Type.Number({ description: 'probability that it brings emergency calling back' }),
  explanation: Type.String(),
  incidents: Type.Array(
    Type.Object({
      id: Type.String(),
      state: inline(IncidentState),
      startedAt: Time,
      estimatedRepairAt: Nullable(Time),
      places: Type.Array(Type.String()),
      placeCount: Type.Integer(),
      subscribers: Type.Integer(),
      probability: Type.Number({ description: 'that it is the cause' }),
      share: Type.Number({ description: 'of the loss at cells that depend on it' }),
      savedPerHour: Type.Number(),
    }),
    { description: 'greatest saving first' },
  ),
});
export type RepairItem = Static<typeof RepairItem>;
