import Type, { type Static } from 'typebox';
import { TocsinError } from '../domain/errors.js';
import { IncidentAction, NamedResource, OperatorAct } from '../domain/facts.js';
import { Time } from './schemas.js';

/** A person's reason. */
export const Why = Type.String({
  minLength: 3,
  maxLength: 1024,
  description: 'the reason, kept in the audit log',
});

const CellIds = OperatorAct.properties.cells;

/** What can be done to one incident. */
export const IncidentAct = Type.Object(
  {
    action: IncidentAction,
    why: Why,
    repairAt: Type.Optional(Time),
    ticketId: Type.Optional(
      Type.String({ minLength: 1, maxLength: 256, description: 'the ticket that names repairAt' }),
    ),
    resource: Type.Optional(NamedResource),
    into: Type.Optional(
      Type.String({ minLength: 1, maxLength: 200, description: 'merge: incident it goes on as' }),
    ),
    cells: CellIds,
    until: Type.Optional(Time),
    clock: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 60,
        description: 'reported, undoReported: the id of the duty to report',
      }),
    ),
  },
  { additionalProperties: false },
);
export type IncidentAct = Static<typeof IncidentAct>;

/** A silence of a resource, whether or not there is an incident on it. */
export const Silence = Type.Object(
  { resource: NamedResource, until: Time, why: Why },
  { additionalProperties: false },
);

type Values = Pick<
  OperatorAct,
  'value' | 'ticketId' | 'resource' | 'into' | 'cells' | 'until' | 'clock'
>;

function needed<T>(value: T | undefined, action: string, what: string): T {
  if (value !== undefined) return value;
  throw new TocsinError('input.payload', `${action} needs ${what}.`);
}

/** A time as the journal holds it, in UTC. */
export function utc(time: string): string {
  return new Date(time).toISOString();
}

/**
 * What an act carries besides who and why; what its action has no use for is left out.
 * @throws TocsinError `input.payload` when the action needs something that is missing
 */
export function actValues(body: IncidentAct): Values {
  const { action, ticketId } = body;
  if (action === 'setRepair') {
    const value = utc(needed(body.repairAt, action, 'repairAt, an ISO 8601 time'));
    return ticketId === undefined ? { value } : { value, ticketId };
  }
  if (action === 'setCause')
    return { resource: needed(body.resource, action, 'resource, with the id of the cause') };
  if (action === 'merge') return { into: needed(body.into, action, 'into, an incident’s id') };
  if (action === 'split') {
    if (body.resource !== undefined) return { resource: body.resource };
    return { cells: needed(body.cells, action, 'cells, a list of cell ids, or resource') };
  }
  if (action === 'silence') {
    return { until: utc(needed(body.until, action, 'until, an ISO 8601 time')) };
  }
  if (action === 'reported' || action === 'undoReported') {
    return { clock: needed(body.clock, action, 'clock, the id of the duty to report') };
  }
  return {};
}
