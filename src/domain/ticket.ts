import Type, { type Static } from 'typebox';
import { NamedResource } from './facts.js';

const Time = Type.String({ format: 'date-time' });
const Id = Type.String({ minLength: 1, maxLength: 256 });

/**
 * What a trouble ticket says of a repair, as of `saidAt`. The latest word of a ticket holds; it names
 * a resource, an incident of Tocsin's, or both.
 */
export const Ticket = Type.Object(
  {
    schemaVersion: Type.Optional(Type.Literal(1)),
    ticketId: Id,
    resourceId: Type.Optional(Id),
    resourceType: NamedResource.properties.type,
    incidentId: Type.Optional(Id),
    repairAt: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'when service is expected back; absent: the ticket gives no time',
      }),
    ),
    saidBy: Type.Optional(Type.String({ maxLength: 256, description: 'person or team' })),
    saidAt: Time,
    state: Type.Optional(
      Type.Union([Type.Literal('open'), Type.Literal('closed'), Type.Literal('withdrawn')], {
        description: 'default open; of the others the time no longer counts',
      }),
    ),
  },
  { additionalProperties: false, $id: 'ticket' },
);
export type Ticket = Static<typeof Ticket>;
