import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { TocsinError } from '../domain/errors.js';
import { cookieName, setSessionCookie } from './auth.js';
import type { ApiDeps, TypedApp } from './deps.js';
import { Problem, Time } from './schemas.js';

const Me = Type.Object({
  name: Type.String(),
  role: Type.String(),
  expiresAt: Time,
  version: Type.String(),
  networkTime: Time,
  speed: Type.Number({ description: 'network seconds per second: above 1 in a demo' }),
});

const NewLink = Type.Object(
  {
    role: Type.Union([
      Type.Literal('viewer'),
      Type.Literal('planner'),
      Type.Literal('agent'),
      Type.Literal('operator'),
      Type.Literal('admin'),
    ]),
    name: Type.String({
      minLength: 2,
      maxLength: 100,
      pattern: '\\S',
      description: 'who will sign in with it, as the audit log shows them',
    }),
  },
  { additionalProperties: false },
);
const Link = Type.Object({ link: Type.String(), expiresAt: Time });

/** Sign-in by one-time link, links for others, sign-out, and who is signed in. */
export function signInRoutes(deps: ApiDeps): FastifyPluginAsyncTypebox {
  return async (app) => {
    signInRoute(app, deps);
    linkRoute(app, deps);
    signOutRoute(app, deps);
    meRoute(app, deps);
  };
}

function signInRoute(app: TypedApp, deps: ApiDeps): void {
  app.get(
    '/sign-in',
    {
      exposeHeadRoute: false, // a link preview must not use the link up
      config: { role: 'public', rateLimit: { max: 20, timeWindow: '1 minute' } },
      schema: {
        description: 'Uses a one-time link up and starts a session.',
        querystring: Type.Object({ token: Type.String({ minLength: 1, maxLength: 200 }) }),
        response: { 303: Type.Null(), '4xx': Problem },
      },
    },
    async (request, reply) => {
      const redeemed = await deps.sessions.redeem(request.query.token);
      if (redeemed === undefined) return reply.redirect('/?signin=expired', 303);
      const expires = new Date(redeemed.session.expiresAtMs);
      setSessionCookie(reply, deps.publicUrl, redeemed.secret, expires);
      await deps.operators.audit({
        actor: redeemed.session.name,
        action: 'signIn',
        target: null,
        why: 'one-time link',
        detail: { role: redeemed.session.role },
      });
      return reply.redirect('/', 303);
    },
  );
}

function linkRoute(app: TypedApp, deps: ApiDeps): void {
  app.post(
    '/api/v1/sign-in-links',
    {
      config: { role: 'admin' },
      schema: {
        description: 'Makes a link that signs one person in, once, within 15 minutes.',
        body: NewLink,
        response: { 201: Link, '4xx': Problem },
      },
    },
    async ({ body, session }, reply) => {
      if (session === null) throw new TocsinError('auth.missing', 'Sign in first.');
      await deps.operators.audit({
        actor: session.name,
        action: 'signInLink',
        target: body.name,
        why: 'a link for somebody to sign in with',
        detail: { role: body.role },
      });
      const { link, expiresAtMs } = await deps.sessions.createLink(
        deps.publicUrl,
        body.role,
        body.name,
      );
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ link, expiresAt: new Date(expiresAtMs).toISOString() });
    },
  );
}

function signOutRoute(app: TypedApp, deps: ApiDeps): void {
  app.delete(
    '/api/v1/session',
    {
      config: { role: 'viewer' },
      schema: {
        description: 'Ends the session and its live feeds.',
        response: { 204: Type.Null(), '4xx': Problem },
      },
    },
    async (request, reply) => {
      const secret = request.cookies[cookieName(deps.publicUrl)];
      if (secret !== undefined) await deps.sessions.end(secret);
      if (request.session !== null) deps.live.endSession(request.session.id);
      reply.clearCookie(cookieName(deps.publicUrl), { path: '/' });
      return reply.code(204).send(null);
    },
  );
}

function meRoute(app: TypedApp, deps: ApiDeps): void {
  app.get(
    '/api/v1/me',
    {
      config: { role: 'viewer' },
      schema: {
        description: 'Who is signed in, and the time the pages reckon from.',
        response: { 200: Me, '4xx': Problem },
      },
    },
    async ({ session }) => {
      if (session === null) throw new TocsinError('auth.missing', 'Sign in first.');
      return {
        name: session.name,
        role: session.role,
        expiresAt: new Date(session.expiresAtMs).toISOString(),
        version: deps.version,
        networkTime: new Date(deps.networkNow()).toISOString(),
        speed: deps.speed,
      };
    },
  );
}
