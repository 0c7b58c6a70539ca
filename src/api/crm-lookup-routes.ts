import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import Type from 'typebox';
import { TocsinError } from '../domain/errors.js';
import { maskNumber } from '../domain/mask.js';
import { panelPage, panelStyle } from './crm-panel.js';
import { readNumber } from './phone-number.js';
import type { OperatorStore, SubscriberLookup } from './ports.js';
import { tokenCheck } from './push-auth.js';
import { Problem } from './schemas.js';
import { foundOrThrow } from './subscriber-routes.js';
import { SubscriberNetwork } from './subscriber-schemas.js';

/** What machines of the call centre are answered from. */
export interface CrmLookupDeps {
  readonly subscribers: SubscriberLookup;
  readonly operators: Pick<OperatorStore, 'audit'>;
  /** accepted in `Authorization: Bearer`, and what the panel's addresses are signed with */
  readonly tokens: readonly string[];
  /** origins that may frame the panel; empty: none */
  readonly frameAncestors: readonly string[];
  readonly networkNow: () => number;
  readonly speed: number;
}

const { subscriberId, affected, probability, reason, service, since, incidentId } =
  SubscriberNetwork.properties;
const { cause, estimatedRepairAt, sentence, validUntil, told } = SubscriberNetwork.properties;
const Answer = Type.Object({
  ...{ number: Type.String(), subscriberId, affected, probability, reason, service, since },
  ...{ incidentId, cause, estimatedRepairAt, sentence, validUntil, told },
});
const Language = Type.Union([Type.Literal('fr'), Type.Literal('en')], { default: 'fr' });
const Number_ = Type.String({ minLength: 4, maxLength: 32 });
const rateLimit = { max: 12_000, timeWindow: '1 minute' };

/**
 * The look-up by number for screen pop, CTI and IVR, as a plugin of its own scope:
 * - `GET /api/v1/crm/lookup/NUMBER`: JSON; with `format=text` only the sentence, for an IVR to speak
 * - `GET /panel?number=…&expires=…&signature=…`: a page to be framed by a CRM. The signature is
 *   HMAC-SHA-256, hex, of `NUMBER\nEXPIRES` (epoch seconds) with a look-up token, made by the CRM's server.
 * Answers may be kept until `validUntil`: Cache-Control says so. 401 without a token, 403 without a
 * valid signature. Every look-up stands in the audit log.
 */
export function crmLookupRoutes(deps: CrmLookupDeps): FastifyPluginAsync {
  const check = tokenCheck(deps.tokens, 'server.lookupTokens');
  return async (app) => {
    app.get<{ Params: { number: string }; Querystring: { language: 'fr' | 'en'; format: string } }>(
      '/api/v1/crm/lookup/:number',
      {
        config: { role: 'push', rateLimit },
        onRequest: async ({ headers }) => check(headers.authorization),
        schema: {
          description: 'What the network does to the person behind a number, for machines.',
          params: Type.Object({ number: Number_ }),
          querystring: Type.Object({
            language: Language,
            format: Type.Union([Type.Literal('json'), Type.Literal('text')], { default: 'json' }),
          }),
          response: { 200: Type.Union([Answer, Type.String()]), '4xx': Problem },
        },
      },
      async ({ params, query }, reply) => {
        const answer = await lookUp(deps, params.number, query.language);
        mayBeKept(reply, deps, answer.validUntil);
        if (query.format === 'json') return answer;
        return reply.type('text/plain; charset=utf-8').send(answer.sentence);
      },
    );
    panelRoute(app, deps);
  };
}

function panelRoute(app: Parameters<FastifyPluginAsync>[0], deps: CrmLookupDeps): void {
  const ancestors = deps.frameAncestors.length === 0 ? "'none'" : deps.frameAncestors.join(' ');
  const style = createHash('sha256').update(panelStyle).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${style}'; base-uri 'none'; form-action 'none'; frame-ancestors ${ancestors}`;
  app.get<{
    Querystring: { number: string; expires: number; signature: string; language: 'fr' | 'en' };
  }>(
    '/panel',
    {
      config: { role: 'push', rateLimit },
      schema: {
        querystring: Type.Object({
          number: Number_,
          expires: Type.Integer({ minimum: 0, description: 'epoch seconds, wall time' }),
          signature: Type.String({ pattern: '^[0-9a-f]{64}$' }),
          language: Language,
        }),
        response: { 200: Type.String(), '4xx': Problem },
      },
    },
    async ({ query }, reply) => {
      checkSignature(query, deps.tokens);
      const answer = await lookUp(deps, query.number, query.language);
      mayBeKept(reply, deps, answer.validUntil);
      reply.raw.removeHeader('x-frame-options');
      reply.header('content-security-policy', policy).type('text/html; charset=utf-8');
      return panelPage(answer, query.language);
    },
  );
}

async function lookUp(deps: CrmLookupDeps, typed: string, language: 'fr' | 'en') {
  const number = readNumber(typed);
  const found = await deps.subscribers.network(number, { language, nowMs: deps.networkNow() });
  await deps.operators.audit({
    actor: 'crm look-up',
    action: 'lookUp',
    target: found.status === 'found' ? `subscriber ${found.network.subscriberId}` : null,
    why: 'look-up by a machine',
    detail: { number: maskNumber(number) },
  });
  return { number, ...foundOrThrow(found, number).network };
}

/** Until it is no longer true by itself; never by a cache that others share. */
function mayBeKept(reply: FastifyReply, deps: CrmLookupDeps, until: string): void {
  const seconds = (Date.parse(until) - deps.networkNow()) / 1000 / deps.speed;
  reply.header('cache-control', `private, max-age=${Math.max(0, Math.floor(seconds))}`);
  reply.header('vary', 'authorization');
}

/** @throws TocsinError `auth.forbidden` */
function checkSignature(
  { number, expires, signature }: { number: string; expires: number; signature: string },
  tokens: readonly string[],
): void {
  const given = Buffer.from(signature, 'hex');
  const isOurs = tokens.some((token) =>
    timingSafeEqual(createHmac('sha256', token).update(`${number}\n${expires}`).digest(), given),
  );
  if (!isOurs) throw new TocsinError('auth.forbidden', 'the signature is not that of the address');
  if (expires * 1000 < Date.now())
    throw new TocsinError('auth.forbidden', 'the address has expired');
}
