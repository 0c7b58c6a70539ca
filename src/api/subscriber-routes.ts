import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import parsePhoneNumber from 'libphonenumber-js/min';
import Type from 'typebox';
import { TocsinError } from '../domain/errors.js';
import { maskNumber } from '../domain/mask.js';
import type { ApiDeps } from './deps.js';
import type { LookupOutcome } from './ports.js';
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
        const number = e164(params.number);
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
        return { number, ...networkOf(found, number) };
      },
    );
  };
}

/** @throws TocsinError `notFound` saying why there is nothing to say */
function networkOf(found: LookupOutcome, number: string): SubscriberNetwork {
  if (found.status === 'found') return found.network;
  throw new TocsinError(
    'notFound',
    found.status === 'erased'
      ? `Whoever had the number ${number} asked to be forgotten: nothing is kept of them.`
      : `No subscriber has the number ${number}. Check the digits, or ask which number has the problem.`,
  );
}

/** A number as people type it, French unless it says otherwise. */
function e164(text: string): string {
  const parsed = parsePhoneNumber(text, 'FR');
  if (parsed?.isPossible() !== true) {
    throw new TocsinError(
      'input.payload',
      'This is no phone number: write it as +33 6 12 34 56 78 or 06 12 34 56 78.',
    );
  }
  return parsed.number;
}
