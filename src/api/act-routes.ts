import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { TocsinError } from '../domain/errors.js';
import { actValues, IncidentAct, Why } from './act-body.js';
import type { StatedCause } from './act-schemas.js';
import type { ApiDeps, TypedApp } from './deps.js';
import { Accepted, newAct, recordOf } from './new-act.js';
import { Problem, Switches } from './schemas.js';

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
      await requireActable(deps, params.id, body);
      if (body.action === 'merge' && body.into !== undefined) await requireAlive(deps, body.into);
      const { action, why } = body;
      const given = { action, why, incidentId: params.id, ...actValues(body) };
      const act = newAct(deps, session, given);
      const stated = JUDGES_CAUSE.includes(action) ? await statedCause(deps, params.id) : {};
      await deps.operators.act(act, recordOf(act, params.id, stated));
      if (action === 'silence') deps.live.publish({ type: 'settings', id: 'silences', at: act.at });
      return reply.code(202).send({ actId: act.actId });
    },
  );
}

/** Acts that say whether the stated cause was right: what was stated is kept beside them. */
const JUDGES_CAUSE: readonly string[] = ['setCause', 'notAnIncident'];

async function statedCause({ reads }: ApiDeps, id: string): Promise<{ stated?: StatedCause }> {
  const stated = await reads.incidents.statedCause(id);
  return stated === undefined ? {} : { stated };
}

/** Duties to report go on when an incident is over, and only those that started can be done. */
async function requireActable(deps: ApiDeps, id: string, body: IncidentAct): Promise<void> {
  if (body.action !== 'reported' && body.action !== 'undoReported') return requireAlive(deps, id);
  const incident = await deps.reads.incidents.find(id);
  if (incident === undefined) throw new TocsinError('notFound', `There is no incident ${id}.`);
  const clocks = incident.impact?.clocks ?? [];
  const known = clocks.find((each) => each.id === body.clock);
  if (known === undefined) {
    const allowed = clocks.map((each) => each.id).join(', ') || 'none';
    throw new TocsinError('input.payload', `clock ${body.clock}: allowed are ${allowed}.`);
  }
  const isDone = known.reported !== undefined;
  if (isDone === (body.action === 'reported')) {
    const words = isDone ? 'was reported already' : 'was not reported';
    throw new TocsinError('conflict', `${known.name} ${words}.`);
  }
}

async function requireAlive(deps: ApiDeps, id: string): Promise<void> {
  const state = await deps.reads.incidents.state(id);
  if (state === undefined) throw new TocsinError('notFound', `There is no incident ${id}.`);
  if (state === 'closed') {
    throw new TocsinError('conflict', 'This incident is closed: nothing can be done to it.');
  }
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
      const act = newAct(deps, session, { action, why: body.why });
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
