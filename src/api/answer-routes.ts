import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type, { type Static } from 'typebox';
import { AgentAnswer } from '../domain/agent-answer.js';
import { TocsinError } from '../domain/errors.js';
import { maskNumber } from '../domain/mask.js';
import type { ApiDeps } from './deps.js';
import { Accepted, newAct } from './new-act.js';
import { readNumber } from './phone-number.js';
import type { FoundNumber, Session } from './ports.js';
import { Problem } from './schemas.js';
import { foundOrThrow } from './subscriber-routes.js';
import type { NoText } from './subscriber-schemas.js';

const Body = Type.Object(
  {
    answer: Type.Union([...AgentAnswer.anyOf, Type.Literal('undo')]),
    incidentId: Type.Optional(
      Type.String({ maxLength: 200, description: 'default: the one that was stated' }),
    ),
    undoes: Type.Optional(
      Type.String({ maxLength: 256, description: 'undo: actId of the answer to take back' }),
    ),
  },
  { additionalProperties: false },
);
type Body = Static<typeof Body>;

const DAY_MS = 86_400_000;

const WHY_NOT: Record<NoText, string> = {
  optedOut: 'They asked for no texts: none can be promised to this number.',
  machine: 'This is a machine’s line, which is never texted.',
  managerIsTold: 'The manager of this line’s account is told, not the line.',
  partner: 'This is a partner’s customer, whom their own brand tells.',
  noNumber: 'There is no number of their own to text.',
};

/**
 * What a caller tells the agent of what was said: it corrects who counts as affected, and says how
 * often what is stated is so.
 */
export function answerRoutes(deps: ApiDeps): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/api/v1/subscribers/:number/answers',
      {
        config: { role: 'agent', rateLimit: { max: 600, timeWindow: '1 minute' } },
        schema: {
          description:
            'The caller’s answer: not affected, still down although it is over, another problem, or a request for a text when it is back; undo takes one back. It takes effect within a tick.',
          params: Type.Object({ number: Type.String({ minLength: 4, maxLength: 32 }) }),
          body: Body,
          response: { 202: Accepted, '4xx': Problem },
        },
      },
      async ({ params, body, session }, reply) => {
        const number = readNumber(params.number);
        const nowMs = deps.networkNow();
        const outcome = await deps.subscribers.network(number, { language: 'en', nowMs });
        const found = foundOrThrow(outcome, number);
        const act = actOf(deps, session, body, found);
        const { subscriberId } = found.network;
        const { actId, action, why, incidentId, stated, undoes } = act;
        await deps.operators.act(act, {
          actor: act.actor,
          action,
          target: `subscriber ${subscriberId}`,
          why,
          // where they are is not kept for as long as the audit log is
          detail: { actId, number: maskNumber(number), incidentId, stated, undoes },
        });
        return reply.code(202).send({ actId });
      },
    );
  };
}

function actOf(deps: ApiDeps, session: Session | null, body: Body, found: FoundNumber) {
  const { network } = found;
  const { subscriberId, affected, probability } = network;
  const why = `the caller says: ${body.answer}`;
  if (body.answer === 'undo') {
    if (body.undoes === undefined)
      throw new TocsinError('input.payload', 'undo needs undoes, the actId of an answer.');
    return newAct(deps, session, { action: 'undoAnswer', why, subscriberId, undoes: body.undoes });
  }
  const incidentId = body.incidentId ?? aboutOf(body.answer, found, deps.networkNow());
  if (body.answer === 'textWhenBack') requireText(found, incidentId);
  return newAct(deps, session, {
    action: 'agentAnswer',
    why,
    subscriberId,
    answer: body.answer,
    stated: { affected, probability },
    ...(incidentId === undefined ? {} : { incidentId }),
    ...(body.answer === 'stillDown' && found.cells.length > 0 ? { cells: [...found.cells] } : {}),
  });
}

/** The incident an answer is about; what is still down was in one that ended lately. */
function aboutOf(answer: AgentAnswer, { network }: FoundNumber, nowMs: number): string | undefined {
  if (network.incidentId !== null) return network.incidentId;
  if (answer !== 'stillDown') return undefined;
  return network.recent.find(
    ({ endedAt }) => endedAt === null || nowMs - Date.parse(endedAt) <= DAY_MS,
  )?.incidentId;
}

function requireText({ network }: FoundNumber, incidentId: string | undefined): void {
  if (network.noText !== null) throw new TocsinError('conflict', WHY_NOT[network.noText]);
  if (incidentId === undefined || incidentId !== network.incidentId) {
    throw new TocsinError(
      'conflict',
      'No incident affects them now, so there is nothing to text them about.',
    );
  }
}
