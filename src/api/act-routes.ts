import { randomUUID } from 'node:crypto';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { TocsinError } from '../domain/errors.js';
import type { OperatorAct } from '../domain/facts.js';
import { actValues, IncidentAct, Silence, utc, Why } from './act-body.js';
import type { ApiDeps, TypedApp } from './deps.js';
import type { OperatorRecord } from './ports.js';
import { Problem, Switches } from './schemas.js';

const Accepted = Type.Object({ actId: Type.String() });

/**
 * What people do. An act is journalled like any input, so that a replay repeats it, and stands in
 * the audit log with who and why, both or neither. The kill switch also takes effect at once.
 */
export function actRoutes(deps: ApiDeps): FastifyPluginAsyncTypebox {
  return async (app) => {
    incidentActRoute(app, deps);
    silenceRoute(app, deps);
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
      await requireAlive(deps, params.id);
      if (body.action === 'merge' && body.into !== undefined) await requireAlive(deps, body.into);
      const act = newAct(deps, session?.name, body.action, body.why);
      const full = { ...act, incidentId: params.id, ...actValues(body) };
      await deps.operators.act(full, recordOf(full, params.id));
      return reply.code(202).send({ actId: full.actId });
    },
  );
}

async function requireAlive(deps: ApiDeps, id: string): Promise<void> {
  const state = await deps.reads.incidents.state(id);
  if (state === undefined) throw new TocsinError('notFound', `There is no incident ${id}.`);
  if (state === 'closed') {
    throw new TocsinError('conflict', 'This incident is closed: nothing can be done to it.');
  }
}

function silenceRoute(app: TypedApp, deps: ApiDeps): void {
  app.post(
    '/api/v1/silences',
    {
      config: { role: 'operator' },
      schema: {
        description:
          'Until then nothing under the resource opens an incident or is told; a time gone by ends it.',
        body: Silence,
        response: { 202: Accepted, '4xx': Problem },
      },
    },
    async ({ body, session }, reply) => {
      const { resource, until, why } = body;
      const act = newAct(deps, session?.name, 'silence', why);
      const full = { ...act, resource, until: utc(until) };
      await deps.operators.act(full, recordOf(full, resource.id));
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

function recordOf(act: OperatorAct, target: string | null): OperatorRecord {
  const { actId, at, value, into, cells, until, resource } = act;
  const detail = {
    ...{ actId, at },
    ...(value === undefined ? {} : { value }),
    ...(into === undefined ? {} : { into }),
    ...(cells === undefined ? {} : { cells }),
    ...(until === undefined ? {} : { until }),
    ...(resource === undefined ? {} : { resource }),
  };
  return { actor: act.actor, action: act.action, target, why: act.why, detail };
}
