import { createHash } from 'node:crypto';
import type { FastifyPluginAsync } from 'fastify';
import Type from 'typebox';
import { tokenCheck } from './push-auth.js';
import { Problem } from './schemas.js';
import { StatusDocument, StatusQuery } from './status-schemas.js';

/** What the status route stands on. */
export interface StatusRoutesDeps {
  readonly status: (asked: StatusQuery) => Promise<StatusDocument>;
  /** of apps and websites, in `Authorization: Token X`; null: it is open to everybody */
  readonly tokens: readonly string[] | null;
  /** epoch ms, and how much faster than wall time it runs */
  readonly networkNow: () => number;
  readonly speed: number;
}

/**
 * `GET /api/v1/status`: where service is out or poor, as JSON for an app or a website. It may be kept
 * until the document's `validUntil` and asked for again by its tag, which changes with what it says:
 * 304 with no body when it says the same. An area that is not in it is not known to be wrong.
 */
export function statusRoutes(deps: StatusRoutesDeps): FastifyPluginAsync {
  const { status, tokens, networkNow, speed } = deps;
  const check = tokens === null ? undefined : tokenCheck(tokens, 'server.lookupTokens');
  return async (app) => {
    app.get<{ Querystring: StatusQuery }>(
      '/api/v1/status',
      {
        config: { role: 'push' },
        schema: {
          description: 'Where service is out or poor, for customers.',
          querystring: StatusQuery,
          response: { 200: StatusDocument, 304: Type.Null(), '4xx': Problem, '5xx': Problem },
        },
        onRequest: async (request) => check?.(request.headers.authorization),
      },
      async ({ query, headers }, reply) => {
        const document = await status(query);
        const seconds = (Date.parse(document.validUntil) - networkNow()) / 1000 / speed;
        const tag = `"${createHash('sha256').update(JSON.stringify(document)).digest('base64url')}"`;
        reply.headers({
          'cache-control': `${check ? 'private' : 'public'}, max-age=${Math.max(0, Math.floor(seconds))}`,
          etag: tag,
          ...(check ? { vary: 'authorization' } : {}),
        });
        if (isKnown(headers['if-none-match'], tag)) return reply.code(304).send(null);
        return document;
      },
    );
  };
}

/** RFC 9110, 13.1.2: a list of tags, weak ones among them, or `*`. */
function isKnown(header: string | undefined, tag: string): boolean {
  const tags = (header ?? '').split(',').map((each) => each.trim().replace(/^W\//, ''));
  return tags.includes(tag) || tags.includes('*');
}
