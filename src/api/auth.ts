import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { TocsinError } from '../domain/errors.js';
import { covers, type Role } from '../domain/role.js';
import type { Session, SessionStore } from './ports.js';

/**
 * What a route asks for. `public` needs nothing; `push` is checked by the push routes themselves
 * (a token, since machines have no session); the others need a session whose role covers it.
 */
export type RouteRole = Role | 'public' | 'push';

declare module 'fastify' {
  interface FastifyContextConfig {
    role?: RouteRole;
  }
  interface FastifyRequest {
    session: Session | null;
  }
}

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/** What the check at every route's door stands on. */
export interface AuthOptions {
  readonly sessions: SessionStore;
  readonly publicUrl: string;
}

/** Name of the session cookie; the prefix makes browsers insist on https and this very host. */
export function cookieName(publicUrl: string): string {
  return publicUrl.startsWith('https:') ? '__Host-tocsin' : 'tocsin';
}

/** Sets the cookie that proves a session until it expires. */
export function setSessionCookie(
  reply: FastifyReply,
  publicUrl: string,
  value: string,
  expires: Date,
): void {
  reply.setCookie(cookieName(publicUrl), value, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: publicUrl.startsWith('https:'),
    expires,
  });
}

/**
 * Checks every route before its handler: the session's role against the one the route declares,
 * and for anything but reading that the request comes from our own pages.
 */
export function addAuth(app: FastifyInstance, options: AuthOptions): void {
  const cookie = cookieName(options.publicUrl);
  app.decorateRequest('session', null);
  app.addHook('onRequest', async (request) => {
    const role = request.routeOptions.config.role ?? (request.is404 ? 'public' : 'admin');
    if (role === 'push' || role === 'public') return;
    const secret = request.cookies[cookie];
    if (secret !== undefined) request.session = (await options.sessions.find(secret)) ?? null;
    if (request.session === null) {
      throw new TocsinError('auth.missing', 'Sign in first: open a sign-in link.');
    }
    if (!covers(request.session.role, role)) {
      throw new TocsinError(
        'auth.forbidden',
        `This needs the role ${role}; you are signed in as ${request.session.role}.`,
      );
    }
    if (!SAFE_METHODS.includes(request.method)) refuseForeignOrigin(request, options.publicUrl);
  });
}

/**
 * Browsers say where a request comes from; a page of another site cannot forge it (Fetch Metadata,
 * and Origin of RFC 6454). A request that says nothing is refused too.
 */
function refuseForeignOrigin(request: FastifyRequest, publicUrl: string): void {
  const site = request.headers['sec-fetch-site'];
  const origin = request.headers.origin;
  const own = [new URL(publicUrl).host, request.headers.host];
  const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : '');
  const same = origin !== undefined ? own.includes(hostOf(origin)) : site === 'same-origin';
  if (!same || (site !== undefined && site !== 'same-origin')) {
    throw new TocsinError(
      'auth.forbidden',
      `Changes are taken from Tocsin's own pages only: send Origin: ${new URL(publicUrl).origin}.`,
    );
  }
}
