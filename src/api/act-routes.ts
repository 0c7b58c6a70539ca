import { randomUUID } from 'node:crypto';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { TocsinError } from '../domain/errors.js';
import type { OperatorAct } from '../domain/facts.js';
import type { ApiDeps, TypedApp } from './deps.js';
import type { OperatorRecord } from './ports.js';
import { Problem, Switches, Time } from './schemas.js';

const Why = Type.String({
  minLength: 3,
  maxLength: 1024,
  description: 'the reason, kept in the audit log',
});
const IncidentAct = Type.Object(
  {
    action: Type.Union([
      Type.Literal('acknowledge'),
      Type.Literal('approve'),
      Type.Literal('hold'),
      Type.Literal('cancel'),
      Type.Literal('notAnIncident'),
      Type.Literal('setRepair'),
    ]),
    why: Why,
    repairAt: Type.Optional(Time),
    ticketId: Type.Optional(
      Type.String({ minLength: 1, maxLength: 256, description: 'the ticket that names repairAt' }),
    ),
  },
  { additionalProperties: false },
);
const Accepted = Type.Object({ actId: Type.String() });

/**
 * What people do. An act is journalled like any input, so that a replay repeats it, and stands in
 * the audit log with who and why, both or neither. The kill switch also takes effect at once.
 */
export function actRoutes(deps: ApiDeps): FastifyPluginAsyncTypebox {
  return async (app) => {
    incidentActRoute(app, deps);
    killSwitchRoute(app, deps);
    switchesRoute(app, deps);
  };
}

function incidentActRoute(app: TypedApp, deps: ApiDeps): void {
  app.post(
    '/api/v1/incidents/:id/acts',
    {
      config: { role: 'operator' },
      schema: {
        description: 'Acts on an incident; it shows in its timeline within a tick.',
        params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) }),
        body: IncidentAct,
        response: { 202: Accepted, '4xx': Problem },
      },
    },
    async ({ params, body, session }, reply) => {
      const state = await deps.reads.incidents.state(params.id);
      if (state === undefined) {
        throw new TocsinError('notFound', `There is no incident ${params.id}.`);
      }
      if (state === 'closed') {
        throw new TocsinError('conflict', 'This incident is closed: nothing can be done to it.');
      }
      const act = newAct(deps, session?.name, body.action, body.why);
      const full = { ...act, incidentId: params.id, ...repairValue(body) };
      await deps.operators.act(full, recordOf(full, params.id));
      return reply.code(202).send({ actId: full.actId });
    },
  );
}

function killSwitchRoute(app: TypedApp, deps: ApiDeps): void {
  app.post(
    '/api/v1/kill-switch',
    {
      config: { role: 'operator' },
      schema: {
        description: 'Stops (or allows again) handing any message over, within a second.',
        body: Type.Object({ on: Type.Boolean(), why: Why }, { additionalProperties: false }),
        response: { 202: Accepted, '4xx': Problem },
      },
    },
    async ({ body, session }, reply) => {
      const action = body.on ? 'killSwitchOn' : 'killSwitchOff';
      const act = newAct(deps, session?.name, action, body.why);
      await deps.operators.setKillSwitch(body.on, act, recordOf(act, null));
      deps.live.publish({ type: 'settings', id: 'killSwitch', at: act.at });
      return reply.code(202).send({ actId: act.actId });
    },
  );
}

function switchesRoute(app: TypedApp, deps: ApiDeps): void {
  app.get(
    '/api/v1/switches',
    {
      config: { role: 'viewer' },
      schema: {
        description: 'Whether messages leave: kill switch and shadow mode.',
        response: { 200: Switches, '4xx': Problem },
      },
    },
    async () => deps.reads.operations.switches(),
  );
}

function newAct(
  deps: ApiDeps,
  actor: string | undefined,
  action: OperatorAct['action'],
  why: string,
): OperatorAct {
  if (actor === undefined) throw new TocsinError('auth.missing', 'Sign in first.');
  return {
    actId: `act_${randomUUID()}`,
    at: new Date(deps.networkNow()).toISOString(),
    actor,
    why,
    action,
  };
}

function repairValue(body: {
  action: string;
  repairAt?: string;
  ticketId?: string;
}): Pick<OperatorAct, 'value' | 'ticketId'> {
  if (body.action !== 'setRepair') return {};
  if (body.repairAt === undefined) {
    throw new TocsinError('input.payload', 'setRepair needs repairAt, an ISO 8601 time.');
  }
  const value = new Date(body.repairAt).toISOString();
  return body.ticketId === undefined ? { value } : { value, ticketId: body.ticketId };
}

function recordOf(act: OperatorAct, target: string | null): OperatorRecord {
  const detail = { actId: act.actId, at: act.at, ...(act.value ? { value: act.value } : {}) };
  return { actor: act.actor, action: act.action, target, why: act.why, detail };
}
