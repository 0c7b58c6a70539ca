import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { TocsinError } from '../domain/errors.js';
import { maskNumber } from '../domain/mask.js';
import type { ApiDeps } from './deps.js';
import { readNumber } from './phone-number.js';
import type { FoundNumber, LookupOutcome } from './ports.js';
import { Problem } from './schemas.js';
import { SubscriberNetwork } from './subscriber-schemas.js';

const Answer = Type.Object({ number: Type.String(), ...SubscriberNetwork.properties });

/** "Is this caller affected, since when, what do I say?" Every look-up stands in the audit log. */
export function subscriberRoutes(deps: ApiDeps): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/api/v1/subscribers/:number/network',
      {
        config: { role: 'agent', rateLimit: { max: 600, timeWindow: '1 minute' } },
        schema: {
          description: 'What the network does to the person behind a number.',
          params: Type.Object({ number: Type.String({ minLength: 4, maxLength: 32 }) }),
          querystring: Type.Object({
            language: Type.Union([Type.Literal('fr'), Type.Literal('en')], { default: 'en' }),
          }),
          response: { 200: Answer, '4xx': Problem },
        },
      },
      async ({ params, query, session }, reply) => {
        const number = readNumber(params.number);
        const options = { language: query.language, nowMs: deps.networkNow() };
        const found = await deps.subscribers.network(number, options);
        await deps.operators.audit({
          actor: session?.name ?? 'unknown',
          action: 'lookUp',
          target: found.status === 'found' ? `subscriber ${found.network.subscriberId}` : null,
          why: 'agent look-up',
          detail: { number: maskNumber(number) },
        });
        reply.header('cache-control', 'no-store');
        return { number, ...foundOrThrow(found, number).network };
      },
    );
  };
}

/** What was found of a number. @throws TocsinError `notFound` saying why there is nothing to say */
export function foundOrThrow(found: LookupOutcome, number: string): FoundNumber {
  if (found.status === 'found') return found;
  throw new TocsinError(
    'notFound',
    found.status === 'erased'
      ? `Whoever had the number ${number} asked to be forgotten: nothing is kept of them.`
      : `No subscriber has the number ${number}. Check the digits, or ask which number has the problem.`,
  );
}
